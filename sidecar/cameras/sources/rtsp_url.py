"""rtsp: sources: their URL in parts (RFC 3986), in one spelling for each camera.

A URL with an invalid character is refused and not repaired, because cameras and libraries repair it differently.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import quote, unquote_to_bytes, urljoin

from sidecar.cameras.sources.display import shown_path, shown_query
from sidecar.cameras.sources.syntax import MAX_LENGTH, SourceSyntaxError, check_characters, check_length

DEFAULT_PORT = 554
"""The port of RTSP (RFC 2326, section 3.2)."""

Transport = Literal["auto", "tcp", "udp"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SCHEME = r"rtsp://"
_AUTHORITY_END = r"[/?]"
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NUMBER_AT_END = r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$"
"""Hosts such as 0x7f.1, 127.1 and 2130706433, which C libraries take as addresses (WHATWG URL, "ends in a number")."""

_PORT = r"[0-9]{1,5}"
_ESCAPE = r"%([0-9A-Fa-f]{2})?"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NO_URL_CHARACTER = r"[ \\\"<>#]"


@dataclass(frozen=True, slots=True, repr=False)
class RtspSource:
    """A network camera. Two sources are equal when all parts but `transport` are equal.

    `host` is in lower case, and an IPv6 address without brackets. `path` and `query` are sent unchanged. `user` and
    `password` are decoded. The repr is the `display`.
    """

    host: str
    port: int
    path: str
    query: str = ""
    user: str | None = None
    password: str | None = None
    transport: Transport = field(default="auto", compare=False)

    def __repr__(self) -> str:
        return f"<RtspSource {self.display}>"

    @property
    def key(self) -> Hashable:
        """The identity of the source, equal for all of its spellings."""
        return self

    @property
    def place(self) -> str:
        """Host and port as in a URL, without the default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"

    @property
    def request_url(self) -> str:
        """The URL of the request line, without the login."""
        return f"rtsp://{self.place}{self.path}{f'?{self.query}' if self.query else ''}"

    @property
    def display(self) -> str:
        """The URL for ids, names, errors and log lines, without the login and without secrets in the query."""
        query = "&".join(filter(None, (shown_query(self.query), self._shown_transport)))
        return f"rtsp://{self.place}{shown_path(self.path)}{f'?{query}' if query else ''}"

    @property
    def hides(self) -> bool:
        """Whether `display` omits a part of the source, so that `display` alone does not identify the source."""
        return self.user is not None or shown_query(self.query) != self.query or shown_path(self.path) != self.path

    @property
    def _shown_transport(self) -> str:
        return "" if self.transport == "auto" else f"transport={self.transport}"

    @classmethod
    def parse(cls, text: str, max_length: int = MAX_LENGTH) -> Self:
        """Return the source of an `rtsp:` URL. Raises SourceSyntaxError, which quotes no part of the URL."""
        login, authority, path, query = split_url(text, max_length)
        host, port = parse_place(authority)
        query, transport = take_transport(canonical(query))
        user, password = _login(login)
        return cls(host, port, canonical_path(path), query, user, password, transport)

    def redirected(self, location: str) -> RtspSource:
        """Return the source of a response's Location header, relative to this source (RFC 3986, section 5).

        The login is kept only for the same host and port. A login in `location` is ignored. Raises SourceSyntaxError.
        """
        check_length(location)
        check_characters(location)
        try:
            url = urljoin(self.request_url, location)
        except ValueError:
            raise SourceSyntaxError("The Location header is not a URL.") from None
        _, authority, path, query = split_url(url)
        host, port = parse_place(authority)
        target = replace(self, host=host, port=port, path=canonical_path(path), query=canonical(query))
        if (host, port) != (self.host, self.port):
            target = replace(target, user=None, password=None)
        return target


def split_url(text: str, max_length: int = MAX_LENGTH) -> tuple[str, str, str, str]:
    """Return login, host with port, path and query of an `rtsp:` URL, still encoded. Raises SourceSyntaxError."""
    check_length(text, max_length)
    check_characters(text)
    scheme = re.match(_SCHEME, text, re.IGNORECASE)
    if scheme is None:
        raise SourceSyntaxError("An rtsp: source starts with rtsp:// and a host.")
    if "#" in text:
        raise SourceSyntaxError("Encode # as %23 in a password, a path or a query.")
    if "\\" in text:
        raise SourceSyntaxError("Encode \\ as %5C.")
    rest = text[scheme.end() :]
    found = re.search(_AUTHORITY_END, rest)
    end = found.start() if found else len(rest)
    login, at, place = rest[:end].rpartition("@")
    path, _, query = rest[end:].partition("?")
    if "@" in path + query and not _is_address_place(place):
        raise SourceSyntaxError("Encode / as %2F and ? as %3F in a password, and @ as %40 in a path or a query.")
    if at and not login:
        raise SourceSyntaxError("Write the user name before the @.")
    return login, place, path, query


def parse_place(place: str) -> tuple[str, int]:
    """Return host and port of `host[:port]`. Raises SourceSyntaxError."""
    host, port = split_place(place)
    return canonical_host(host), parse_port(port)


def split_place(place: str) -> tuple[str, str]:
    """Return host and port of `host[:port]`. An IPv6 address keeps its brackets; the port may be empty."""
    if place.startswith("["):
        host, bracket, port = place.partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise SourceSyntaxError("Write an IPv6 address in brackets, as in rtsp://[fd00::1]:8554/.")
        return host + bracket, port[1:]
    host, _, port = place.partition(":")
    return host, port


def parse_port(port: str) -> int:
    """Return the number of a port, or DEFAULT_PORT for an empty text. Raises SourceSyntaxError."""
    if not port:
        return DEFAULT_PORT
    if not re.fullmatch(_PORT, port) or not 0 < int(port) < 65536:
        raise SourceSyntaxError(
            "A port is a number from 1 to 65535. In a password, encode / as %2F, ? as %3F and : as %3A."
        )
    return int(port)


def canonical_host(host: str) -> str:
    """Return the host in its canonical form. Raises SourceSyntaxError unless it is a name or a plain address."""
    host = host.lower()
    if host.startswith("["):
        return str(_ipv6(host[1:-1]))
    if not host:
        raise SourceSyntaxError("Name the host, as in rtsp://10.0.0.7/stream.")
    if re.search(_NUMBER_AT_END, host):
        return str(_ipv4(host))
    host = host.removesuffix(".")
    if not host.isascii():
        raise SourceSyntaxError("Write a host in its ASCII form, as in xn--mller-kva.example.")
    if len(host) > 253 or not all(re.fullmatch(_LABEL, label) for label in host.split(".")):
        raise SourceSyntaxError("A host is a name of letters, digits and hyphens, or an address.")
    return host


def _ipv4(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        raise SourceSyntaxError("Write an IPv4 address as four decimal numbers, as in 10.0.0.7.") from None


def _ipv6(text: str) -> Address:
    """Return the address; for an IPv4-mapped address (RFC 4291, 2.5.5.2) return the IPv4 address."""
    if "%" in text:
        raise SourceSyntaxError("IPv6 addresses with a zone, as in fe80::1%eth0, are not supported.")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise SourceSyntaxError("Write an IPv6 address in brackets, as in rtsp://[fd00::1]:8554/.") from None
    return address.ipv4_mapped or address


def address_family(host: str) -> int | None:
    """Return the IP version of a canonical host that is an address; None for a name."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return None


def _is_address_place(place: str) -> bool:
    try:
        return address_family(parse_place(place)[0]) is not None
    except SourceSyntaxError:
        return False


def canonical_path(path: str) -> str:
    """Return the path in its canonical form. Raises SourceSyntaxError for dot segments and hidden separators."""
    path = canonical(path)
    if "%25" in path:
        raise SourceSyntaxError("A path must not contain an encoded %.")
    for segment in path.split("/"):
        _check_segment(segment)
    return path


def _check_segment(segment: str) -> None:
    """Raise SourceSyntaxError for "..", "/" and "\\" in any form: encoded, full-width or with parameters."""
    plain = decoded(segment)
    if not plain.isascii():
        import unicodedata  # a megabyte of tables, for few sources

        plain = unicodedata.normalize("NFKC", plain)
    if "/" in plain or "\\" in plain:
        raise SourceSyntaxError("A path must not contain an encoded / or a \\.")
    if plain.split(";")[0].strip() in (".", ".."):
        raise SourceSyntaxError("A path must not contain . or .. between two slashes.")


def canonical(text: str) -> str:
    """Return `text` with its escapes in canonical form (RFC 3986, section 6.2.2). Raises SourceSyntaxError."""
    if re.search(_NO_URL_CHARACTER, text):
        raise SourceSyntaxError("Encode a space as %20, and quotes and angle brackets likewise.")
    check_characters(decoded(text))
    plain = re.sub(_ESCAPE, _canonical_escape, text)
    return plain if plain.isascii() else quote(plain, safe="".join(map(chr, range(33, 127))))


def _canonical_escape(escape: re.Match[str]) -> str:
    value = int(escape[1], 16)
    return chr(value) if value in _UNRESERVED else f"%{value:02X}"


def decoded(text: str) -> str:
    """Return `text` with its escapes decoded once. Raises SourceSyntaxError for malformed escapes and invalid UTF-8."""
    if any(escape[1] is None for escape in re.finditer(_ESCAPE, text)):
        raise SourceSyntaxError("Encode % as %25.")
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:
        raise SourceSyntaxError("Percent escapes must encode UTF-8.") from None


def _login(login: str) -> tuple[str | None, str | None]:
    """Return user and password, decoded. A raw @ is part of the password, as in browsers and FFmpeg."""
    if not login:
        return None, None
    if " " in login:
        raise SourceSyntaxError("Encode a space as %20 in a user name or a password.")
    user, colon, password = login.partition(":")
    plain_user, plain_password = decoded(user), decoded(password)
    check_characters(plain_user + plain_password)
    return plain_user, plain_password if colon else None


def take_transport(query: str) -> tuple[str, Transport]:
    """Return the query without `transport=tcp` and `transport=udp`, which are not sent, and the transport."""
    pairs = query.split("&")
    asked = {pair for pair in pairs if pair in ("transport=tcp", "transport=udp")}
    if len(asked) > 1:
        raise SourceSyntaxError("Name one transport: transport=tcp or transport=udp.")
    if not asked:
        return query, "auto"
    rest = "&".join(pair for pair in pairs if pair not in asked)
    return rest, "udp" if asked == {"transport=udp"} else "tcp"
