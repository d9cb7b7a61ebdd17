"""H.264 in RTP (RFC 6184), in its packetisation modes 0 and 1."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.rtsp.depacketise.nal_units import NalUnitDepacketiser, Role, annex_b, decoded_sets
from sidecar.cameras.rtsp.description import VideoDescription

_STAP_A, _FU_A = 24, 28
_SLICES: Final = (1, 2, 5)
_OPENING: Final = (6, 7, 8, 9)
"""NAL unit types that precede the first slice: SEI, parameter sets, delimiter (ITU-T H.264, 7.4.1.2.3)."""


class H264Depacketiser(NalUnitDepacketiser):
    """Single NAL unit packets, STAP-A and FU-A (RFC 6184, sections 5.6 to 5.8); other types are dropped."""

    def __init__(self, description: VideoDescription) -> None:
        super().__init__()

    def _take(self, payload: bytes) -> list[bytes]:
        kind = payload[0] & 31
        if kind == _STAP_A:
            return self._aggregated(payload, 1)
        if kind == _FU_A:
            return self._fragment(payload)
        if kind < _STAP_A:
            return self._whole(payload)
        return []

    def _fragment(self, payload: bytes) -> list[bytes]:
        if len(payload) < 2:
            return []
        if payload[1] & 0x80:
            header = bytes((payload[0] & 0xE0 | payload[1] & 31,))
            ended = self._begin_fragments(header, payload[2:])
            if payload[1] & 0x40:
                self._fragment_at = None
            return ended
        self._continue_fragments(payload[2:], is_last=bool(payload[1] & 0x40))
        return []

    def _role(self, unit: bytes) -> Role:
        kind = unit[0] & 31
        if kind in _SLICES:
            starts = len(unit) > 1 and unit[1] & 0x80  # first_mb_in_slice is 0
            return "first slice" if starts else "slice"
        return "opening" if kind in _OPENING else "other"


def h264_parameter_sets(description: VideoDescription) -> bytes:
    """Return the parameter sets of the fmtp line (RFC 6184, section 8.1), in Annex B form."""
    return annex_b(decoded_sets(description.parameters.get("sprop-parameter-sets", "")))
