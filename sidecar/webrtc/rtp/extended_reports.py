"""RTCP extended reports (RFC 3611), by which a viewer that only receives measures the round-trip time.

With sender reports and this round trip, browsers convert the capture time of a remote picture to their own clock.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from sidecar.webrtc.rtp.rtcp import RtcpPart

_PACKET_TYPE: Final = 207
_REFERENCE_TIME: Final = 4
_DLRR: Final = 5
_VERSION: Final = 0x80
_HEADER: Final = struct.Struct("!BBHI")
_SENDER: Final = struct.Struct("!I")
_BLOCK_HEADER: Final = struct.Struct("!BBH")
_REFERENCE_TIME_BLOCK: Final = struct.Struct("!BBHQ")
_DLRR_BLOCK: Final = struct.Struct("!BBHIII")


class ReferenceTime(NamedTuple):
    """A receiver reference time report block (RFC 3611, 4.4): the receiver's SSRC and its 64-bit NTP time."""

    ssrc: int
    ntp_timestamp: int


def reference_times(part: RtcpPart) -> Iterator[ReferenceTime]:
    """Yield the reference times of an RTCP packet. Unreadable blocks are left out."""
    if part.kind == _PACKET_TYPE and len(part.body) >= _SENDER.size:
        yield from _blocks(part.body)


def _blocks(body: bytes) -> Iterator[ReferenceTime]:
    (ssrc,) = _SENDER.unpack_from(body)
    position = _SENDER.size
    while position + _BLOCK_HEADER.size <= len(body):
        kind, _, words = _BLOCK_HEADER.unpack_from(body, position)
        end = position + 4 * (words + 1)
        if end > len(body):
            return
        if kind == _REFERENCE_TIME and end - position == _REFERENCE_TIME_BLOCK.size:
            yield ReferenceTime(ssrc, _REFERENCE_TIME_BLOCK.unpack_from(body, position)[3])
        position = end


def delay_report(sender_ssrc: int, asked: ReferenceTime) -> bytes:
    """Return the DLRR report (RFC 3611, 4.5) to a reference time that arrived just now."""
    header = _HEADER.pack(_VERSION, _PACKET_TYPE, (_HEADER.size + _DLRR_BLOCK.size) // 4 - 1, sender_ssrc)
    middle = (asked.ntp_timestamp >> 16) & 0xFFFFFFFF
    return header + _DLRR_BLOCK.pack(_DLRR, 0, _DLRR_BLOCK.size // 4 - 1, asked.ssrc, middle, 0)
