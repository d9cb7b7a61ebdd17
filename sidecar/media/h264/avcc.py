"""H.264 without start codes, as WebCodecs and MP4 take it (ISO/IEC 14496-15, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sidecar.contract.errors import EncoderFailedError
from sidecar.media.access_unit import AccessUnit
from sidecar.media.h264.packetise import nal_unit_type

LENGTH_SIZE: Final = 4
"""Bytes of the length before each NAL unit."""

_SPS, _PPS = 7, 8
_VERSION: Final = 1
_RESERVED_LENGTH_SIZE: Final = 0xFC | LENGTH_SIZE - 1
_RESERVED_SPS_COUNT: Final = 0xE0
_SHORTEST_SPS: Final = 4  # its header and the three bytes that the record and the codec string repeat


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """What a decoder needs before the first picture.

    `codec` is RFC 6381's name (3.3), as in avc1.42c01f. `record` is the AVCDecoderConfigurationRecord, WebCodecs'
    `description`. Sizes are in pixels.
    """

    codec: str
    record: bytes
    width: int
    height: int


def describe_stream(keyframe: AccessUnit) -> StreamDescription:
    """The description that a keyframe's parameter sets make. Raises EncoderFailedError when it has none."""
    sps = [unit for unit in keyframe.nal_units if nal_unit_type(unit) == _SPS]
    pps = [unit for unit in keyframe.nal_units if nal_unit_type(unit) == _PPS]
    if not sps or not pps or len(sps[0]) < _SHORTEST_SPS:
        raise EncoderFailedError("The encoder gave no parameter sets.")
    profile_and_level = sps[0][1:4]
    record = bytes((_VERSION, *profile_and_level, _RESERVED_LENGTH_SIZE, _RESERVED_SPS_COUNT | len(sps)))
    record += b"".join(map(_with_short_length, sps)) + bytes((len(pps),)) + b"".join(map(_with_short_length, pps))
    return StreamDescription(f"avc1.{profile_and_level.hex()}", record, keyframe.width, keyframe.height)


def length_prefixed(nal_units: Iterable[bytes]) -> bytes:
    """A picture's NAL units, each after its length. Parameter sets are left out: they stand in the description."""
    parts: list[bytes] = []
    for nal_unit in nal_units:
        if nal_unit_type(nal_unit) not in (_SPS, _PPS):
            parts += (len(nal_unit).to_bytes(LENGTH_SIZE, "big"), nal_unit)
    return b"".join(parts)


def _with_short_length(nal_unit: bytes) -> bytes:
    return len(nal_unit).to_bytes(2, "big") + nal_unit
