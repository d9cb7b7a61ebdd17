"""RTSP messages in a byte stream (RFC 2326, sections 4 to 7, 10.12; RFC 7826, section 14).

The reader takes a camera's bytes as they arrive. It reads every byte a bounded number of times, and limits each part of
a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from sidecar.cameras.rtsp.errors import MalformedError, NotRtspError

MAX_HEAD: Final = 16 * 1024
"""The limit of a start line with its headers, in bytes; cameras send a few hundred."""

MAX_HEADERS: Final = 100
MAX_BODY: Final = 256 * 1024
"""The limit of a body, in bytes; a description with a camera's metadata has some kilobytes."""

MAX_GARBAGE: Final = 256 * 1024
"""The limit of consecutive bytes that belong to no message; beyond it the connection is given up."""

_COMPACT: Final = 64 * 1024
"""The number of read bytes after which they are removed from the buffer."""

_RTP_VERSION_2: Final = 0b10
_STATUS_LINE = re.compile(rb"RTSP/[12]\.\d +(\d{3})(?: |$)")
_REQUEST_LINE = re.compile(rb"([A-Z][A-Z_]{2,19}) +([\x21-\x7e]+) +RTSP/[12]\.\d *$")
_METHODS: Final = (b"OPTIONS ", b"ANNOUNCE ", b"REDIRECT ", b"GET_PARAMETER ", b"SET_PARAMETER ", b"PLAY_NOTIFY ")
"""The requests that a server may send (RFC 2326, section 10; RFC 7826, section 13)."""

_STARTS: Final = (b"RTSP/1.", b"RTSP/2.", *_METHODS)
_LONGEST_START: Final = max(map(len, _STARTS))


class Headers:
    """The headers of a message by name, without regard to case."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = [(name.lower(), value) for name, value in fields]

    def get(self, name: str) -> str | None:
        """Return the first value of a header, None when it is absent."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Return every value of a header that may be repeated."""
        wanted = name.lower()
        return [value for each, value in self._fields if each == wanted]

    def number(self, name: str) -> int | None:
        """Return a header's value as a number, None when it is absent or has no number of at most 9 digits."""
        value = self.get(name)
        return int(value) if value is not None and re.fullmatch(r"[0-9]{1,9}", value) else None


@dataclass(frozen=True, slots=True)
class Response:
    """The camera's answer to a request."""

    status: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the camera sends."""

    method: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class InterleavedFrame:
    """An RTP or RTCP packet inside the connection (RFC 2326, section 10.12)."""

    channel: int
    data: bytes


Message: TypeAlias = "Response | Request | InterleavedFrame"


class MessageReader:
    """Cuts a camera's bytes into messages. Every method raises MalformedError or NotRtspError.

    `channels` are the interleaved channels in use. Bytes that belong to no message, which some cameras send between
    messages, are skipped once the camera has sent a first message.
    """

    def __init__(self) -> None:
        self.channels: frozenset[int] = frozenset()
        self._buffer = bytearray()
        self._at = 0
        self._searched = 0
        self._garbage = 0
        self._is_rtsp = False
        self._head: Response | Request | None = None
        self._body_length = 0

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        if self._at > _COMPACT:
            del self._buffer[: self._at]
            self._searched = max(0, self._searched - self._at)
            self._at = 0
        self._buffer += data

    def next(self) -> Message | None:
        """Return the next message, None when its bytes are not all there yet."""
        while self._at < len(self._buffer):
            if self._head is not None:
                return self._with_body()
            if self._buffer[self._at] == 0x24 and self._is_rtsp and (self._garbage == 0 or self._fits_rtp()):
                return self._interleaved()
            start = self._start_at(self._at)
            if start is None:
                return None
            if not start:
                if not self._skip_garbage():
                    return None
                continue
            if not self._read_head():
                return None
            if self._body_length == 0:
                return self._with_body()
        return None

    def _start_at(self, at: int) -> bool | None:
        """Return whether a message starts here; None when more bytes are needed for the answer."""
        begin = bytes(self._buffer[at : at + _LONGEST_START])
        if begin.startswith(_STARTS):
            return True
        return None if any(start.startswith(begin) for start in _STARTS) else False

    def _fits_rtp(self) -> bool:
        """Return whether a `$` among garbage begins a packet, which has a channel in use and the version of RTP."""
        following = self._buffer[self._at + 1 : self._at + 5]
        return len(following) < 4 or (following[0] in self.channels and following[3] >> 6 == _RTP_VERSION_2)

    def _interleaved(self) -> InterleavedFrame | None:
        at = self._at
        if len(self._buffer) < at + 4:
            return None
        end = at + 4 + int.from_bytes(self._buffer[at + 2 : at + 4])
        if len(self._buffer) < end:
            return None
        self._at, self._garbage = end, 0
        return InterleavedFrame(self._buffer[at + 1], bytes(memoryview(self._buffer)[at + 4 : end]))

    def _skip_garbage(self) -> bool:
        """Skip to the next byte that can start a message; return whether there is one."""
        if not self._is_rtsp and self._buffer[self._at] not in b"\r\n":
            is_http = self._buffer.startswith(b"HTTP/", self._at)
            raise NotRtspError("HTTP" if is_http else "another protocol")
        found = _NEXT_START.search(self._buffer, self._at + 1)
        end = found.start() if found else len(self._buffer)
        self._garbage += end - self._at
        self._at = end
        if self._garbage > MAX_GARBAGE:
            raise MalformedError(f"more than {MAX_GARBAGE} bytes belong to no message")
        return found is not None

    def _read_head(self) -> bool:
        end, length = self._end_of_head()
        if end < 0:
            return False
        lines = bytes(self._buffer[self._at : end]).replace(b"\r", b"").split(b"\n")
        self._at, self._searched, self._garbage, self._is_rtsp = end + length, 0, 0, True
        self._head = _head(lines)
        self._body_length = _body_length(self._head.headers)
        return True

    def _end_of_head(self) -> tuple[int, int]:
        """Return the position of the empty line, and its length; -1 while the empty line has not arrived."""
        found = _EMPTY_LINE.search(self._buffer, max(self._at, self._searched - 3))
        if found is not None and found.start() - self._at <= MAX_HEAD:
            return found.start(), found.end() - found.start()
        if len(self._buffer) - self._at > MAX_HEAD:
            raise MalformedError(f"headers are longer than {MAX_HEAD} bytes")
        self._searched = len(self._buffer)
        return -1, 0

    def _with_body(self) -> Message | None:
        head, end = self._head, self._at + self._body_length
        if head is None or len(self._buffer) < end:
            return None
        body = bytes(memoryview(self._buffer)[self._at : end])
        self._at, self._head = end, None
        if isinstance(head, Response):
            return Response(head.status, head.headers, body)
        return Request(head.method, head.headers, body)


_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_NEXT_START = re.compile(rb"[$ROAGSP]")


def _head(lines: list[bytes]) -> Response | Request:
    if len(lines) > MAX_HEADERS + 1:
        raise MalformedError(f"more than {MAX_HEADERS} headers")
    headers = Headers(_fields(lines[1:]))
    if status := _STATUS_LINE.match(lines[0]):
        return Response(int(status[1]), headers)
    if request := _REQUEST_LINE.match(lines[0]):
        return Request(request[1].decode("ascii"), headers)
    raise MalformedError("a start line that is neither a status nor a request")


def _fields(lines: list[bytes]) -> Iterable[tuple[str, str]]:
    """Yield the headers. A line that begins with a space continues the previous header (RFC 2326, section 15.1)."""
    name, parts = "", [b""]
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            parts.append(line.strip())
            continue
        if name:
            yield name, _text(b" ".join(parts))
        before, colon, after = line.partition(b":")
        name, parts = (_text(before) if colon else ""), [after.strip()]
    if name:
        yield name, _text(b" ".join(parts))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip()


def _body_length(headers: Headers) -> int:
    if headers.get("Content-Length") is None:
        return 0
    length = headers.number("Content-Length")
    if length is None or length > MAX_BODY:
        raise MalformedError(f"a Content-Length that is no number up to {MAX_BODY}")
    return length


def write_request(method: str, url: str, sequence: int, fields: Iterable[tuple[str, str]]) -> bytes:
    """Return a request's bytes (RFC 2326, section 6)."""
    return _written(f"{method} {url} RTSP/1.0", sequence, fields)


def write_response(status: int, reason: str, sequence: str) -> bytes:
    """Return the bytes of an answer to a camera's request."""
    number = int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0
    return _written(f"RTSP/1.0 {status} {reason}", number, ())


def _written(start_line: str, sequence: int, fields: Iterable[tuple[str, str]]) -> bytes:
    lines = [start_line, f"CSeq: {sequence}", *(f"{name}: {value}" for name, value in fields)]
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise MalformedError("a line break inside a header")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
