"""RTP payloads of H.264 (RFC 6184, packetization-mode 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.media.h264.nal_units import FORBIDDEN_ZERO_BIT, NRI_MASK, TYPE_MASK, nal_unit_type

_STAP_A: Final = 24
_FU_A: Final = 28
_FU_START: Final = 0x80
_FU_END: Final = 0x40
_FU_HEADERS: Final = 2
_STAP_HEADER: Final = 1
_STAP_LENGTH: Final = 2


def packetise(nal_units: Sequence[bytes], max_payload: int) -> tuple[bytes, ...]:
    """Return the RTP payloads of one access unit, each at most `max_payload` bytes long.

    Neighbours that fit together become one STAP-A (5.7.1), a NAL unit that fits alone a single NAL unit packet (5.6),
    and a larger one FU-A fragments (5.8).
    """
    payloads: list[bytes] = []
    together: list[bytes] = []
    size = _STAP_HEADER
    for nal_unit in nal_units:
        needed = _STAP_LENGTH + len(nal_unit)
        if together and size + needed > max_payload:
            payloads.append(_aggregate(together))
            together, size = [], _STAP_HEADER
        if len(nal_unit) > max_payload:
            payloads.extend(_fragment(nal_unit, max_payload))
        else:
            together.append(nal_unit)
            size += needed
    if together:
        payloads.append(_aggregate(together))
    return tuple(payloads)


def _aggregate(nal_units: list[bytes]) -> bytes:
    if len(nal_units) == 1:
        return nal_units[0]
    forbidden = max(nal_unit[0] & FORBIDDEN_ZERO_BIT for nal_unit in nal_units)
    nri = max(nal_unit[0] & NRI_MASK for nal_unit in nal_units)
    parts = [bytes((forbidden | nri | _STAP_A,))]
    for nal_unit in nal_units:
        parts += (len(nal_unit).to_bytes(_STAP_LENGTH, "big"), nal_unit)
    return b"".join(parts)


def _fragment(nal_unit: bytes, max_payload: int) -> Iterator[bytes]:
    room = max_payload - _FU_HEADERS
    indicator = nal_unit[0] & ~TYPE_MASK | _FU_A
    position, marker = 1, _FU_START
    while position < len(nal_unit):
        end = position + room
        if end >= len(nal_unit):
            marker |= _FU_END
        yield bytes((indicator, marker | nal_unit_type(nal_unit))) + nal_unit[position:end]
        position, marker = end, 0
