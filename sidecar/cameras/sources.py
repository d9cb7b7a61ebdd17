"""file: and rtsp: sources, which only the command line can allow.

A pattern (fnmatch, `*` also matches `/`) must match the whole source, after both were made unambiguous: symbolic links
and `..` of a path resolved, user name and password of a URL left out, its host in lower case.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from sidecar.contract.errors import SourceNotAllowedError

SCHEMES = ("file:", "rtsp:")
_WILDCARD = re.compile(r"[*?\[]")
_URL = re.compile(r"rtsp://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_UP = re.compile(r"(^|/)(\.|%2e){2}(/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """An allowed source: what libav opens, and a name without secrets."""

    kind: Literal["file", "rtsp"]
    address: str
    name: str


class AllowedSources:
    """The patterns of the command line; `named` are the sources that one names without a wildcard."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(map(_plain_pattern, patterns))
        self.named = tuple(each for each in patterns if not _WILDCARD.search(each) and self._find(each))

    def check(self, device_id: str) -> Source:
        """The source that a file: or rtsp: device_id names. Raises SourceNotAllowedError."""
        source = self._find(device_id)
        if source is None:
            raise SourceNotAllowedError("This source is not allowed.", details={"kind": device_id[:4]})
        return source

    def _find(self, device_id: str) -> Source | None:
        source, plain = _file(device_id) if device_id.startswith("file:") else _rtsp(device_id)
        return source if any(_matches(plain, pattern) for pattern in self._patterns) else None


def _file(device_id: str) -> tuple[Source | None, str]:
    path = _path_of(device_id)
    if not path or "\0" in path:
        return None, ""
    real = os.path.realpath(path)
    return Source("file", real, os.path.basename(real)), _plain_path(real)  # noqa: PTH119 - PurePath drops a slash


def _path_of(source: str) -> str:
    """The path in file:PATH or file:///PATH; before a drive of Windows the third slash is not the path's."""
    path = source.removeprefix("file:")
    if not path.startswith("///"):
        return path
    return path[3:] if sys.platform == "win32" and path[4:5] == ":" else path[2:]


def _plain_path(path: str) -> str:
    return "file:" + os.path.normcase(path).replace("\\", "/")


def _rtsp(device_id: str) -> tuple[Source | None, str]:
    if not _URL.fullmatch(device_id):
        return None, ""
    try:
        url = urlsplit(device_id)
        host, port = url.hostname, url.port
    except ValueError:
        return None, ""
    if not host or _UP.search(url.path):
        return None, ""
    place = f"[{host}]" if ":" in host else host
    plain = f"rtsp://{place}{f':{port}' if port else ''}{_rest(url)}"
    return Source("rtsp", device_id, f"rtsp://{place}"), plain


def _rest(url: SplitResult) -> str:
    query = f"?{url.query}" if url.query else ""
    return url.path + query + (f"#{url.fragment}" if url.fragment else "")


def _plain_pattern(pattern: str) -> str:
    if pattern.startswith("file:"):
        path = _path_of(pattern)
        wildcard = _WILDCARD.search(path)
        head_end = path.rfind("/", 0, wildcard.start()) + 1 if wildcard else len(path)
        head = os.path.realpath(path[:head_end]) if head_end else os.path.realpath(".")
        tail = path[head_end:]
        return _plain_path(os.path.join(head, tail)) if tail else _plain_path(head)  # noqa: PTH118 - a pattern, no path
    scheme, separator, rest = pattern.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return scheme.lower() + separator + host.lower() + rest[len(host) :]


def _matches(plain: str, pattern: str) -> bool:
    if not fnmatch.fnmatchcase(plain, pattern):
        return False
    return pattern.startswith("file:") or _host_fits(plain, pattern)


def _host_fits(plain: str, pattern: str) -> bool:
    """A pattern of figures, as in rtsp://10.0.0.*, means addresses, not a name as in 10.0.0.1.example.com."""
    host_pattern = re.split(r"[/?#]", pattern.partition("://")[2], maxsplit=1)[0]
    if not re.fullmatch(r"[\d.*?:]*\d[\d.*?:]*", host_pattern):
        return True
    try:
        ipaddress.ip_address(urlsplit(plain).hostname or "")
    except ValueError:
        return False
    return True
