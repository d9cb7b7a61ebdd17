"""H.264 without start codes, the form that WebCodecs and MP4 take (ISO/IEC 14496-15, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sidecar.contract.errors import EncoderFailedError
from sidecar.media.codec import StreamDescription
from sidecar.media.h264.nal_units import PPS, SPS, nal_unit_type

LENGTH_SIZE: Final = 4
"""The length before each NAL unit, in bytes."""

_VERSION: Final = 1
_RESERVED_LENGTH_SIZE: Final = 0xFC | LENGTH_SIZE - 1
_RESERVED_SPS_COUNT: Final = 0xE0
_SHORTEST_SPS: Final = 4  # its header and the three bytes that the record and the codec string repeat


def describe(nal_units: Iterable[bytes], width: int, height: int) -> StreamDescription:
    """Return the description with the AVCDecoderConfigurationRecord that a keyframe's SPS and PPS make.

    Raises EncoderFailedError when the picture has none.
    """
    nal_units = tuple(nal_units)
    sps = [unit for unit in nal_units if nal_unit_type(unit) == SPS]
    pps = [unit for unit in nal_units if nal_unit_type(unit) == PPS]
    if not sps or not pps or len(sps[0]) < _SHORTEST_SPS:
        raise EncoderFailedError("The encoder gave no parameter sets.")
    profile_and_level = sps[0][1:4]
    record = bytes((_VERSION, *profile_and_level, _RESERVED_LENGTH_SIZE, _RESERVED_SPS_COUNT | len(sps)))
    record += b"".join(map(_with_short_length, sps)) + bytes((len(pps),)) + b"".join(map(_with_short_length, pps))
    return StreamDescription(f"avc1.{profile_and_level.hex()}", record, width, height)


def sample(nal_units: Iterable[bytes]) -> bytes:
    """Return the NAL units of one picture, each after its length; SPS and PPS stand in the description alone."""
    parts: list[bytes] = []
    for nal_unit in nal_units:
        if nal_unit_type(nal_unit) not in (SPS, PPS):
            parts += (len(nal_unit).to_bytes(LENGTH_SIZE, "big"), nal_unit)
    return b"".join(parts)


def _with_short_length(nal_unit: bytes) -> bytes:
    return len(nal_unit).to_bytes(2, "big") + nal_unit
