"""Where candidates come from: this machine's addresses, STUN and TURN servers (RFC 8445, 5.1.1)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Container, Sequence

from aioice import stun
from aioice.ice import StunProtocol, get_host_addresses

from sidecar.webrtc.ice.candidates import LocalCandidate, is_loopback, local_candidate
from sidecar.webrtc.ice.servers import Server

MAX_LOOK_UPS = 2
"""Names of servers that one connection asks for at once: the threads for them are shared by all."""

HIGHEST_PREFERENCE = 65535
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")

LOOPBACK_REACHES_ALL = sys.platform == "linux"
"""Whether a socket of the loopback interface can be sent to from a socket that is bound to another of the machine's
addresses. Linux delivers that; Windows refuses it, and macOS is not relied upon."""

NOT_FOR_PAGES = {"is_for_pages": False}
"""Marks a log line that no `log` notification repeats: it says what a page must not learn about a network."""

logger = logging.getLogger(__name__)


def is_own_address(address: str, machine: Container[str]) -> bool:
    """Whether an IP address is one of this machine, whose addresses are `machine`."""
    return is_loopback(address) or address in machine


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


def base_addresses(addresses: list[tuple[str, int]], *, is_local: bool) -> list[tuple[str, int]]:
    """Of this machine's addresses those that sockets are opened on.

    For peers on this machine only (`is_local`) they are those of the loopback interface, where these are enough:
    nothing that is sent from outside reaches such a socket.
    """
    if is_local and LOOPBACK_REACHES_ALL:
        return [(address, preference) for address, preference in addresses if is_loopback(address)]
    return addresses


def is_ip_address(host: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def can_reach(base: str, server: str) -> bool:
    """Whether a socket bound to `base` can be asked to send to `server` (both IP addresses)."""
    if ipaddress.ip_address(base).version != ipaddress.ip_address(server).version:
        return False
    return not is_loopback(base) or is_loopback(server)


async def resolve(host: str, port: int) -> list[str]:
    """A server's IP addresses, one of each version at most: a server is asked once for each.

    Raises OSError for a name that is not known, ValueError for one that no resolver takes.
    """
    if is_ip_address(host):
        return [host]  # without a thread
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
    response, _ = await base.request(request, server)  # its transaction id is random: nobody else can answer
    mapped: tuple[str, int] | None = response.attributes.get("XOR-MAPPED-ADDRESS")
    own = (base.local_candidate.host, base.local_candidate.port)
    if mapped is None or mapped == own:
        return None
    return local_candidate("srflx", mapped, base=own[0], preference=HIGHEST_PREFERENCE, related=own)


async def ask_servers(servers: Sequence[Server], ask: Callable[[Server], Awaitable[None]], timeout: float) -> None:
    """Ask all servers at the same time and wait for the last one, at most `timeout` s. A failure is logged."""
    await asyncio.gather(*(_ask(server, ask, timeout) for server in servers))


async def _ask(server: Server, ask: Callable[[Server], Awaitable[None]], timeout: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    try:
        async with asyncio.timeout_at(deadline):
            await ask(server)
    except (OSError, stun.TransactionError, ValueError) as error:
        # ValueError: a host name that no resolver takes. TimeoutError is an OSError.
        reason = str(error) or type(error).__name__
        logger.info("no candidate from %s: %s", server.address, reason, extra=NOT_FOR_PAGES)
        await asyncio.sleep(deadline - loop.time())
