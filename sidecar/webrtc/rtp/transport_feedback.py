"""Arrival times of all packets (transport-wide feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01)."""

from __future__ import annotations

import struct
from typing import Final

from sidecar.congestion.reports import Arrival
from sidecar.webrtc.rtp.rtcp import RtcpPart

_PACKET_TYPE: Final = 205  # RTPFB (RFC 4585, 6.1)
_FORMAT: Final = 15
_HEADER: Final = struct.Struct("!IIHH3sB")
"""The two SSRCs, the first sequence number, the packet count, the reference time, and the feedback packet count."""

_CHUNK: Final = struct.Struct("!H")
_SMALL_DELTA: Final = struct.Struct("!B")
_LARGE_DELTA: Final = struct.Struct("!h")

_REFERENCE_SECONDS: Final = 0.064
_DELTA_SECONDS: Final = 0.00025

_LOST, _SMALL, _LARGE = 0, 1, 2

MAX_PACKETS: Final = 1 << 13
"""A report about more packets is invalid: it would cover seconds of the highest bitrate."""


def is_transport_feedback(part: RtcpPart) -> bool:
    """Return whether an RTCP packet is transport-wide feedback."""
    return part.kind == _PACKET_TYPE and part.fmt == _FORMAT


def packets_named(part: RtcpPart) -> int:
    """Return the number of packets that a report covers according to its header."""
    return int(_HEADER.unpack_from(part.body)[3]) if len(part.body) >= _HEADER.size else 0


def arrivals(part: RtcpPart) -> list[Arrival]:
    """Return the arrivals of a report, in the order of their numbers; an empty list for an unreadable report."""
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
    """Return the status symbol of each packet, and the offset at which the receive deltas begin."""
    symbols: list[int] = []
    position = _HEADER.size
    while len(symbols) < count:
        (chunk,) = _CHUNK.unpack_from(body, position)
        position += _CHUNK.size
        symbols += _run(chunk) if chunk < 0x8000 else _vector(chunk)
    if not {_LOST, _SMALL, _LARGE}.issuperset(symbols[:count]):
        raise ValueError("a reserved status symbol")
    return symbols[:count], position


def _run(chunk: int) -> list[int]:
    """Return the symbols of a run-length chunk."""
    length = chunk & 0x1FFF
    if length == 0:
        raise ValueError("an empty run")
    return [chunk >> 13 & 3] * length


def _vector(chunk: int) -> list[int]:
    """Return the symbols of a status vector chunk: fourteen of one bit, or seven of two."""
    if chunk & 0x4000:
        return [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]
