"""H.265 in RTP (RFC 7798), without the PACI extension."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.rtsp.depacketise.nal_units import NalUnitDepacketiser, Role, annex_b, decoded_sets
from sidecar.cameras.rtsp.description import VideoDescription

_AGGREGATION, _FRAGMENT = 48, 49
_LAST_SLICE_TYPE: Final = 31
_OPENING: Final = (32, 33, 34, 35, 39)
"""NAL unit types that precede the first slice: parameter sets, delimiter, prefix SEI (ITU-T H.265, 7.4.2.4.4)."""

_HEADER: Final = 2


class H265Depacketiser(NalUnitDepacketiser):
    """Single NAL unit packets, AP and FU (RFC 7798, sections 4.4.1 to 4.4.3), also with decoding order numbers."""

    def __init__(self, description: VideoDescription) -> None:
        super().__init__()
        self._has_order = description.parameters.get("sprop-max-don-diff", "0") not in ("", "0")

    def _take(self, payload: bytes) -> list[bytes]:
        if len(payload) <= _HEADER:
            return []
        kind = payload[0] >> 1 & 63
        order = _HEADER if self._has_order else 0
        if kind == _AGGREGATION:
            return self._aggregated(payload, _HEADER + order, order_bytes=1 if self._has_order else 0)
        if kind == _FRAGMENT:
            return self._fragment(payload, order)
        if kind < _AGGREGATION:
            return self._whole(payload[:_HEADER] + payload[_HEADER + order :] if order else payload)
        return []

    def _fragment(self, payload: bytes, order: int) -> list[bytes]:
        if len(payload) < _HEADER + 1 + order:
            return []
        fragment_header = payload[2]
        rest = payload[_HEADER + 1 + (order if fragment_header & 0x80 else 0) :]
        if fragment_header & 0x80:
            header = bytes((payload[0] & 0x81 | (fragment_header & 63) << 1, payload[1]))
            ended = self._begin_fragments(header, rest)
            if fragment_header & 0x40:
                self._fragment_at = None
            return ended
        self._continue_fragments(rest, is_last=bool(fragment_header & 0x40))
        return []

    def _role(self, unit: bytes) -> Role:
        kind = unit[0] >> 1 & 63
        if kind <= _LAST_SLICE_TYPE:
            starts = len(unit) > _HEADER and unit[_HEADER] & 0x80  # first_slice_segment_in_pic_flag
            return "first slice" if starts else "slice"
        return "opening" if kind in _OPENING else "other"


def h265_parameter_sets(description: VideoDescription) -> bytes:
    """Return the parameter sets of the fmtp line (RFC 7798, section 7.1), in Annex B form."""
    names = ("sprop-vps", "sprop-sps", "sprop-pps")
    return annex_b(unit for name in names for unit in decoded_sets(description.parameters.get(name, "")))
