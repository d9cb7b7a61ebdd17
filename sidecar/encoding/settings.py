"""What an encoder is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIN_BITRATE: Final = 50_000
MAX_BITRATE: Final = 50_000_000


def clamp_bitrate(bits_per_second: float) -> int:
    """The nearest bitrate that the contract allows."""
    return round(min(max(bits_per_second, MIN_BITRATE), MAX_BITRATE))


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How a camera is encoded.

    `bitrate` is where the encoder starts, in bits per second. `encoder` is FFmpeg's name. `keyframe_interval` is in
    seconds; 0 means a keyframe only when one is needed. `fps` is the camera's frame rate, or the highest expected when
    it varies.
    """

    bitrate: int = 2_500_000
    encoder: str = "libx264"
    keyframe_interval: float = 0.0
    fps: float = 30.0
