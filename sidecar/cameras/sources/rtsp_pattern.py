"""Patterns of rtsp: sources, which match a source part by part.

`*` never extends from the host into the path, or from the path into the query. A pattern without a port allows port
554. A pattern without a wildcard names one source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sidecar.cameras.sources.glob import ANYTHING, Glob, glob, literal
from sidecar.cameras.sources.rtsp_url import (
    RtspSource,
    canonical,
    canonical_host,
    canonical_path,
    parse_port,
    split_place,
    split_url,
    take_transport,
)
from sidecar.cameras.sources.syntax import SourceSyntaxError

_WILD_NAME = r"[a-z0-9_.*-]+"
_WILD_IPV6 = r"\[[0-9a-f:.*]+\]"
_FIGURES = r"[\d.*]*\d[\d.*]*"
_WILD_PORT = r"[0-9*]{1,6}"


@dataclass(frozen=True, slots=True, repr=False)
class RtspPattern:
    """A pattern of rtsp: sources. `named` is the source of a pattern without a wildcard."""

    host: Glob
    port: Glob
    path: Glob
    query: Glob
    named: RtspSource | None

    def allows(self, source: RtspSource, *, any_port: bool = False) -> bool:
        """Return whether host, port (unless `any_port`), path and query each match; the login is ignored."""
        return (
            self.host.matches(source.host)
            and (any_port or self.port.matches(str(source.port)))
            and self.path.matches(source.path)
            and self.query.matches(source.query)
        )

    @classmethod
    def parse(cls, text: str) -> RtspPattern:
        """Return the pattern of an `rtsp:` text. Raises SourceSyntaxError, which quotes no part of the text."""
        login, place, path, query = split_url(text)
        place = place.replace("[[]", "[", 1)
        query, transport = take_transport(canonical(query))
        path_glob, query_glob = _path_and_query(place, canonical_path(path), query)
        if "*" not in place and path_glob.exact is not None and query_glob.exact is not None:
            source = RtspSource.parse(f"rtsp://{login}{'@' if login else ''}{place}")
            return cls._named(replace(source, path=path_glob.exact, query=query_glob.exact, transport=transport))
        if login:
            raise SourceSyntaxError(
                "Leave the login out of a pattern with a wildcard: such a pattern allows any login."
            )
        host, port = _host_and_port(place)
        return cls(host, port, path_glob, query_glob, None)

    @classmethod
    def _named(cls, source: RtspSource) -> RtspPattern:
        return cls(literal(source.host), literal(str(source.port)), literal(source.path), literal(source.query), source)


def _path_and_query(place: str, path: str, query: str) -> tuple[Glob, Glob]:
    """Return the matchers of path and query.

    A pattern that ends with a wildcard in its host or port allows every path. A pattern that ends with a wildcard in
    its path allows every query.
    """
    path_glob = ANYTHING if "*" in place and not path else glob(path)
    if not query and (path_glob is ANYTHING or (path_glob.exact is None and path.endswith("*"))):
        return path_glob, ANYTHING
    return path_glob, glob(query)


def _host_and_port(place: str) -> tuple[Glob, Glob]:
    if place == "*":
        return ANYTHING, ANYTHING
    if place.startswith("[") and place.endswith("]*"):
        return _host(place[:-1]), ANYTHING
    host, port = split_place(place)
    return _host(host), _port(port)


def _host(host: str) -> Glob:
    """Return the matcher of a host. A numeric pattern such as 10.0.0.* matches addresses only, and no host name."""
    host = host.lower()
    if "*" not in host:
        return literal(canonical_host(host))
    if re.fullmatch(_WILD_IPV6, host):
        return replace(glob(host[1:-1]), family=6)
    if not re.fullmatch(_WILD_NAME, host):
        raise SourceSyntaxError("A host is a name of letters, digits and hyphens, or an address; * is a wildcard.")
    return replace(glob(host), family=4) if re.fullmatch(_FIGURES, host) else glob(host)


def _port(port: str) -> Glob:
    if "*" not in port:
        return literal(str(parse_port(port)))
    if not re.fullmatch(_WILD_PORT, port):
        raise SourceSyntaxError("A port is a number from 1 to 65535, or * for every port.")
    return glob(port)
