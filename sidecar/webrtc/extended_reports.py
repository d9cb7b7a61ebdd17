"""RTCP extended reports (RFC 3611): a viewer that only receives asks how far away we are, and gets its answer.

Browsers tell the capture time of a remote picture by their own clock, once they know sender reports and this round
trip.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_PACKET_TYPE: Final = 207
_REFERENCE_TIME: Final = 4
_DLRR: Final = 5
_VERSION: Final = 0x80
_HEADER: Final = struct.Struct("!BBHI")
_BLOCK_HEADER: Final = struct.Struct("!BBH")
_REFERENCE_TIME_BLOCK: Final = struct.Struct("!BBHQ")
_DLRR_BLOCK: Final = struct.Struct("!BBHIII")
_MIN_HEADER: Final = 4


class ReferenceTime(NamedTuple):
    """A receiver reference time report block (RFC 3611, 4.4): whose, and the receiver's 64-bit NTP time."""

    ssrc: int
    ntp_timestamp: int


def reference_times(data: bytes) -> Iterator[ReferenceTime]:
    """Those in a compound RTCP packet. What cannot be read ends the search."""
    position = 0
    while position + _MIN_HEADER <= len(data):
        first, kind, words = _BLOCK_HEADER.unpack_from(data, position)
        end = position + 4 * (words + 1)
        if first & 0xC0 != _VERSION or end > len(data):
            return
        if kind == _PACKET_TYPE and end - position >= _HEADER.size:
            yield from _blocks(data[position:end])
        position = end


def _blocks(packet: bytes) -> Iterator[ReferenceTime]:
    ssrc = _HEADER.unpack_from(packet)[3]
    position = _HEADER.size
    while position + _BLOCK_HEADER.size <= len(packet):
        kind, _, words = _BLOCK_HEADER.unpack_from(packet, position)
        end = position + 4 * (words + 1)
        if end > len(packet):
            return
        if kind == _REFERENCE_TIME and end - position == _REFERENCE_TIME_BLOCK.size:
            yield ReferenceTime(ssrc, _REFERENCE_TIME_BLOCK.unpack_from(packet, position)[3])
        position = end


def delay_report(sender_ssrc: int, asked: ReferenceTime) -> bytes:
    """The DLRR report (RFC 3611, 4.5) to a reference time that arrived just now."""
    header = _HEADER.pack(_VERSION, _PACKET_TYPE, (_HEADER.size + _DLRR_BLOCK.size) // 4 - 1, sender_ssrc)
    middle = (asked.ntp_timestamp >> 16) & 0xFFFFFFFF
    return header + _DLRR_BLOCK.pack(_DLRR, 0, _DLRR_BLOCK.size // 4 - 1, asked.ssrc, middle, 0)
