"""Where candidates come from: this machine's addresses, STUN and TURN servers (RFC 8445, 5.1.1)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable

from aioice import stun
from aioice.ice import StunProtocol, get_host_addresses

from sidecar.webrtc.ice.candidates import LocalCandidate, is_loopback, local_candidate
from sidecar.webrtc.ice.servers import StunServer, TurnServer

SERVER_TIMEOUT = 10.0
"""Seconds that STUN and TURN servers have to answer; nothing waits for them but the end of the candidates."""

HIGHEST_PREFERENCE = 65535
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")

logger = logging.getLogger(__name__)


def host_addresses() -> list[tuple[str, int]]:
    """This machine's addresses, each with its local preference (RFC 8445, 5.1.2.1), best first.

    The loopback addresses come last though the viewer is mostly on the same machine: every address of the machine
    leads there as fast, a viewer's own checks to 127.0.0.1 are answered whatever their order, and a viewer elsewhere
    would have to wait while checks to its own loopback are sent. Offline they are all there is.
    """
    routed = get_host_addresses(use_ipv4=True, use_ipv6=True)
    # Docker's bridge and other virtual interfaces stay: a viewer in a container or a virtual machine needs them.
    unique = dict.fromkeys(address for address in routed if not is_loopback(address))
    preferred = [(address, HIGHEST_PREFERENCE - index) for index, address in enumerate(unique)]
    return preferred + [(address, len(LOOPBACK_ADDRESSES) - i) for i, address in enumerate(LOOPBACK_ADDRESSES)]


def can_reach(base: str, server: str) -> bool:
    """Whether a socket bound to `base` can be asked to send to `server` (both IP addresses)."""
    if ipaddress.ip_address(base).version != ipaddress.ip_address(server).version:
        return False
    return not is_loopback(base) or is_loopback(server)


async def resolve(host: str, port: int) -> list[str]:
    """A server's IP addresses, one of each version at most: a server is asked once for each."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    first: dict[int, str] = {}
    for family, _, _, _, address in found:
        first.setdefault(family, str(address[0]))
    return list(first.values())


async def server_reflexive(base: StunProtocol, server: tuple[str, int]) -> LocalCandidate | None:
    """Ask a STUN server how it sees `base`; None when that is no news (RFC 8445, 5.1.3).

    Raises aioice.stun.TransactionError when the server does not answer.
    """
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    response, _ = await base.request(request, server)
    mapped: tuple[str, int] | None = response.attributes.get("XOR-MAPPED-ADDRESS")
    own = (base.local_candidate.host, base.local_candidate.port)
    if mapped is None or mapped == own:
        return None
    return local_candidate("srflx", mapped, base=own[0], preference=HIGHEST_PREFERENCE, related=own)


async def ask_servers(
    servers: list[StunServer | TurnServer], ask: Callable[[StunServer | TurnServer], Awaitable[None]]
) -> None:
    """Ask all servers at once and wait for the last one, SERVER_TIMEOUT at most. A failed one is logged."""
    await asyncio.gather(*(_ask(server, ask) for server in servers))


async def _ask(server: StunServer | TurnServer, ask: Callable[[StunServer | TurnServer], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(SERVER_TIMEOUT):
            await ask(server)
    except (OSError, stun.TransactionError, ValueError) as error:
        # ValueError: a host name that no resolver takes. TimeoutError is an OSError.
        logger.info("no candidate from %s:%d: %s", server.host, server.port, str(error) or type(error).__name__)
