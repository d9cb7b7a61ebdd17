"""The STUN and TURN servers of a connection, from the page's RTCIceServer dictionaries (W3C WebRTC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from sidecar.contract.errors import IceServerNotAllowedError, LimitExceededError
from sidecar.contract.types import IceServer
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.server_addresses import WILDCARD, IceServerError, ServerAddress, parse_address

MAX_SERVERS: Final = 32
"""Different URLs for one connection. Each TURN URL costs a socket; a browser warns from five servers on."""


@dataclass(frozen=True)
class Server:
    """A server that gives candidates: reflexive ones by STUN, relayed ones by TURN with a login."""

    address: ServerAddress
    username: str = ""
    credential: str = field(default="", repr=False)

    @property
    def is_turn(self) -> bool:
        """Whether the server gives relayed candidates."""
        return self.address.scheme in ("turn", "turns")

    @property
    def protocol(self) -> Literal["udp", "tcp", "tls"]:
        """The transport protocol between the client and the server."""
        return "tls" if self.address.scheme == "turns" else self.address.transport


def parse_ice_servers(servers: Sequence[IceServer], policy: IcePolicy) -> list[Server]:
    """Return the servers behind all URLs, in their order and each once.

    Raises IceServerError for an invalid URL, and for TURN without a user name and a credential (W3C WebRTC,
    4.4.1.6 "set a configuration"); IceServerNotAllowedError for a server that `policy` forbids; LimitExceededError for
    more than MAX_SERVERS.
    """
    found: dict[Server, None] = {}
    for server in servers:
        urls = [server.urls] if isinstance(server.urls, str) else server.urls
        for url in urls:
            found[_parse(url, server)] = None
    for each in found:
        if not policy.allows(each.address):
            raise IceServerNotAllowedError(
                f"the ICE server {each.address} is not allowed", details={"server": str(each.address)}
            )
    if len(found) > MAX_SERVERS:
        raise LimitExceededError(
            f"{len(found)} ICE servers are too many for one connection",
            hint=f"Pass at most {MAX_SERVERS} URLs of ICE servers; two or three are enough.",
            details={"limit": "ice_servers", "maximum": MAX_SERVERS},
        )
    return list(found)


def _parse(url: str, server: IceServer) -> Server:
    address = parse_address(url)
    if WILDCARD in address.host:
        raise IceServerError(f"{url!r} is no STUN or TURN URL")
    if address.scheme in ("stun", "stuns"):
        return Server(address)
    if not server.username or not server.credential:
        raise IceServerError(f"{url!r}: a TURN server needs a username and a credential")
    return Server(address, server.username, server.credential)
