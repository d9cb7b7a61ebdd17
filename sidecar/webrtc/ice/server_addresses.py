"""The addresses of STUN and TURN servers: their URLs (RFC 7064, RFC 7065) and the patterns of allowed servers."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, cast

Scheme = Literal["stun", "stuns", "turn", "turns"]
Transport = Literal["udp", "tcp"]

DEFAULT_PORT: Final = 3478
DEFAULT_TLS_PORT: Final = 5349

WILDCARD: Final = "*"

_URL: Final = (
    r"(?P<scheme>stuns?|turns?):(?P<host>\[[0-9a-f:.*]+\]|[a-z0-9._*-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)

_IPV4_CHARACTERS: Final = frozenset("0123456789.*")


class IceServerError(ValueError):
    """A description of an ICE server is invalid; the message has the reason, without the credentials."""


class ServerAddress(NamedTuple):
    """The parts of a server's URL, with defaults; `host` is in lower case, an IP address in its usual form.

    The transport of `stuns:` is udp. The sidecar sends the request by plain UDP, as libwebrtc does, because the mapped
    address of a TLS connection is of no use to a UDP socket.
    """

    scheme: Scheme
    host: str
    port: int
    transport: Transport

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?transport={self.transport}" if self.scheme in ("turn", "turns") else ""
        return f"{self.scheme}:{host}:{self.port}{query}"


class ServerPattern(NamedTuple):
    """A pattern of allowed servers. Scheme, port and transport must be equal; only the host may have wildcards.

    A wildcard stands for any characters of a host. A pattern of digits, dots and wildcards, as `192.168.*`, matches IP
    addresses only: the owner of the name `192.168.example.org` chooses its address.
    """

    address: ServerAddress

    @classmethod
    def parse(cls, text: str) -> ServerPattern:
        """Return the pattern of a text in the form of a URL. Raises IceServerError."""
        return cls(parse_address(text))

    def matches(self, server: ServerAddress) -> bool:
        """Return whether a server matches the pattern."""
        wanted = self.address
        if (wanted.scheme, wanted.port, wanted.transport) != (server.scheme, server.port, server.transport):
            return False
        if _is_address_pattern(wanted.host) and not _is_ip_address(server.host):
            return False
        return _matches(wanted.host, server.host)


def parse_address(url: str) -> ServerAddress:
    """Return the parts of a URL; its host may have wildcards. Raises IceServerError."""
    if "@" in url:  # the message does not repeat the text: it has a login in it
        raise IceServerError("the URL of an ICE server has no login in it: use username and credential")
    match = re.fullmatch(_URL, url, re.ASCII | re.IGNORECASE)
    if match is None or not _is_host(match["host"]):
        raise IceServerError(f"{url!r} is no STUN or TURN URL")
    scheme = cast(Scheme, match["scheme"].lower())
    is_secure = scheme in ("stuns", "turns")
    port = int(match["port"] or (DEFAULT_TLS_PORT if is_secure else DEFAULT_PORT))
    if not 0 < port < 65536:
        raise IceServerError(f"{url!r} has no valid port")
    transport = (match["transport"] or "").lower()
    if scheme in ("stun", "stuns"):
        if transport:
            raise IceServerError(f"{url!r}: a STUN URL takes no transport")
        return ServerAddress(scheme, _canonical_host(match["host"]), port, "udp")
    if is_secure and transport == "udp":
        raise IceServerError(f"{url!r}: TURN over DTLS is not supported, use transport=tcp")
    by_default: Transport = "tcp" if is_secure else "udp"
    return ServerAddress(scheme, _canonical_host(match["host"]), port, cast(Transport, transport or by_default))


def _canonical_host(host: str) -> str:
    """Return a host in the form for comparisons: in lower case, IP addresses compressed, no dot of the DNS root."""
    from ipaddress import ip_address  # late: few programs have patterns

    name = host.strip("[]").lower()
    try:
        return str(ip_address(name))
    except ValueError:
        return name.removesuffix(".") or name


def _is_host(text: str) -> bool:
    """Return whether the text is a host: text in brackets must be an IPv6 address or a pattern of them."""
    return not text.startswith("[") or WILDCARD in text or (":" in text and _is_ip_address(text.strip("[]")))


def _is_address_pattern(host: str) -> bool:
    return ":" in host or (host.strip(".*") != "" and _IPV4_CHARACTERS.issuperset(host))


def _is_ip_address(host: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _matches(pattern: str, text: str) -> bool:
    """Return whether `text` matches `pattern`, in linear time. A wildcard stands for any characters."""
    first, *others = pattern.split(WILDCARD)
    if not others:
        return text == pattern
    *between, last = others
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or end < len(first):
        return False
    position = len(first)
    for part in between:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
