"""The URLs of STUN and TURN servers (RFC 7064, RFC 7065)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sidecar.contract.types import IceServer

DEFAULT_PORT = 3478
DEFAULT_TLS_PORT = 5349

_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>\[[0-9a-f:.]+\]|[^\[\]:?/@\s]+)(?::(?P<port>\d{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?",
    re.IGNORECASE,
)


class IceServerError(ValueError):
    """An ICE server that cannot be used as it is described; the message says why, without its credentials."""


@dataclass(frozen=True)
class StunServer:
    """Where to ask for a server-reflexive candidate, by UDP."""

    host: str
    port: int


@dataclass(frozen=True)
class TurnServer:
    """Where to ask for a relayed candidate. `protocol` is what the client speaks to the server."""

    host: str
    port: int
    protocol: Literal["udp", "tcp", "tls"]
    username: str
    credential: str = field(repr=False)


def parse_ice_servers(servers: Sequence[IceServer]) -> list[StunServer | TurnServer]:
    """All servers behind all URLs, in their order and each once.

    Raises IceServerError for a URL that is none, and for TURN without a user name and a credential (W3C WebRTC,
    4.4.1.6 "set a configuration").
    """
    found: dict[StunServer | TurnServer, None] = {}
    for server in servers:
        urls = [server.urls] if isinstance(server.urls, str) else server.urls
        for url in urls:
            found[_parse(url, server)] = None
    return list(found)


def _parse(url: str, server: IceServer) -> StunServer | TurnServer:
    match = _URL.fullmatch(url)
    if match is None:
        raise IceServerError(f"{url!r} is no STUN or TURN URL")
    scheme = match["scheme"].lower()
    secure = scheme.endswith("s")
    port = int(match["port"] or (DEFAULT_TLS_PORT if secure else DEFAULT_PORT))
    if not 0 < port < 65536:
        raise IceServerError(f"{url!r} has no valid port")
    host = match["host"].strip("[]")
    transport = (match["transport"] or "").lower()
    if scheme.startswith("stun"):
        if transport:
            raise IceServerError(f"{url!r}: a STUN URL takes no transport")
        # stuns: is asked by plain UDP, as libwebrtc does: the address a TLS connection has says nothing about ours.
        return StunServer(host, port)
    if secure and transport == "udp":
        raise IceServerError(f"{url!r}: TURN over DTLS is not supported, use transport=tcp")
    if not server.username or not server.credential:
        raise IceServerError(f"{url!r}: a TURN server needs a username and a credential")
    protocol: Literal["udp", "tcp", "tls"] = "tls" if secure else ("tcp" if transport == "tcp" else "udp")
    return TurnServer(host, port, protocol, server.username, server.credential)
