"""NAL units (ITU-T H.264, 7.3.1) and the byte stream that encoders write them in (annex B)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

SLICE: Final = 1
IDR: Final = 5
SPS: Final = 7
PPS: Final = 8
"""Values of nal_unit_type (Table 7-1)."""

TYPE_MASK: Final = 0x1F
NRI_MASK: Final = 0x60
FORBIDDEN_ZERO_BIT: Final = 0x80
"""The fields of the first byte: nal_unit_type, nal_ref_idc, forbidden_zero_bit."""

_START_CODE: Final = b"\0\0\1"


def nal_unit_type(nal_unit: bytes) -> int:
    """Return nal_unit_type (Table 7-1)."""
    return nal_unit[0] & TYPE_MASK


def split_annex_b(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a byte stream, without start codes."""
    start = data.find(_START_CODE)
    while start >= 0:
        start += len(_START_CODE)
        end = data.find(_START_CODE, start)
        # A NAL unit never ends in a zero byte (7.4.1): zeros before a start code belong to the start code.
        nal_unit = data[start : end if end >= 0 else len(data)].rstrip(b"\0")
        if nal_unit:
            yield nal_unit
        start = end
