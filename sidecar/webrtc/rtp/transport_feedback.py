"""When each packet arrived, told by the viewer (draft-holmer-rmcat-transport-wide-cc-extensions-01)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from sidecar.webrtc.rtp.rtcp import RtcpPart

_PACKET_TYPE: Final = 205  # RTPFB (RFC 4585, 6.1)
_FORMAT: Final = 15
_HEADER: Final = struct.Struct("!IIHH3sB")
"""The two SSRCs, the first number, how many, the reference time, and how many such reports came before."""

_CHUNK: Final = struct.Struct("!H")
_SMALL_DELTA: Final = struct.Struct("!B")
_LARGE_DELTA: Final = struct.Struct("!h")

_REFERENCE_SECONDS: Final = 0.064
_DELTA_SECONDS: Final = 0.00025

_LOST, _SMALL, _LARGE = 0, 1, 2

MAX_PACKETS: Final = 1 << 13
"""A report about more is no report: it would be about seconds of the largest bitrate."""


class Arrival(NamedTuple):
    """What became of the packet with a transport-wide sequence number (16 bits).

    `at` is in seconds of the viewer's clock, whose zero nobody knows; None when the packet has not arrived.
    """

    number: int
    at: float | None


def is_transport_feedback(part: RtcpPart) -> bool:
    """Whether an RTCP packet is such a report."""
    return part.kind == _PACKET_TYPE and part.fmt == _FORMAT


def packets_named(part: RtcpPart) -> int:
    """Return how many packets a report is about, as its header says."""
    return int(_HEADER.unpack_from(part.body)[3]) if len(part.body) >= _HEADER.size else 0


def arrivals(part: RtcpPart) -> list[Arrival]:
    """What a report tells, in the order of the numbers; nothing when it cannot be read."""
    try:
        return _read(part.body)
    except (ValueError, struct.error):
        return []


def _read(body: bytes) -> list[Arrival]:
    _, _, first, count, reference, _ = _HEADER.unpack_from(body)
    if count > MAX_PACKETS:
        raise ValueError("too many packets")
    symbols, position = _symbols(body, count)
    at = int.from_bytes(reference, "big", signed=True) * _REFERENCE_SECONDS
    found = []
    for offset, symbol in enumerate(symbols):
        number = (first + offset) & 0xFFFF
        if symbol == _LOST:
            found.append(Arrival(number, None))
            continue
        delta = _SMALL_DELTA if symbol == _SMALL else _LARGE_DELTA
        at += delta.unpack_from(body, position)[0] * _DELTA_SECONDS
        position += delta.size
        found.append(Arrival(number, at))
    return found


def _symbols(body: bytes, count: int) -> tuple[list[int], int]:
    """What became of each packet, and where the times begin."""
    symbols: list[int] = []
    position = _HEADER.size
    while len(symbols) < count:
        (chunk,) = _CHUNK.unpack_from(body, position)
        position += _CHUNK.size
        symbols += _run(chunk) if chunk < 0x8000 else _vector(chunk)
    if not {_LOST, _SMALL, _LARGE}.issuperset(symbols[:count]):
        raise ValueError("a status that is reserved")
    return symbols[:count], position


def _run(chunk: int) -> list[int]:
    """A run-length chunk: one symbol, and how often."""
    length = chunk & 0x1FFF
    if length == 0:
        raise ValueError("an empty run")
    return [chunk >> 13 & 3] * length


def _vector(chunk: int) -> list[int]:
    """A status vector chunk: fourteen symbols of one bit, or seven of two."""
    if chunk & 0x4000:
        return [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]
