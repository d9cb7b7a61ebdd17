"""The parts of a compound RTCP packet (RFC 3550, 6.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_VERSION: Final = 0x80
_VERSION_BITS: Final = 0xC0
_PADDING_BIT: Final = 0x20
_HEADER: Final = struct.Struct("!BBH")


class RtcpPart(NamedTuple):
    """One packet of a compound.

    `fmt` is the header's five-bit field, a count or a format (RFC 4585, 6.1); `body` is the packet after its first four
    bytes, without padding.
    """

    kind: int
    fmt: int
    body: bytes


def rtcp_parts(data: bytes) -> Iterator[RtcpPart]:
    """Yield the packets of a compound packet, up to the first unreadable one."""
    position = 0
    while position + _HEADER.size <= len(data):
        first, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 * (words + 1)
        if first & _VERSION_BITS != _VERSION or end > len(data):
            return
        body = data[position + _HEADER.size : end]
        if first & _PADDING_BIT and body:
            body = body[: max(len(body) - body[-1], 0)]
        yield RtcpPart(kind, first & 0x1F, body)
        position = end
