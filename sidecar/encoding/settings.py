"""The settings of an encoder."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.contract.limits import MAX_BITRATE, MIN_BITRATE


def clamp_bitrate(bits_per_second: float) -> int:
    """Return the nearest bitrate that the contract allows, in bits per second."""
    return round(min(max(bits_per_second, MIN_BITRATE), MAX_BITRATE))


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The settings that an encoder starts with.

    `bitrate` is the first target, in bits per second. `encoder` is a name of the table of encoders (h264/), FFmpeg's.
    `keyframe_interval` is in seconds; 0 means keyframes on demand only. `fps` is the camera's frame rate, or the
    highest expected when the rate varies.
    """

    bitrate: int = 2_500_000
    encoder: str = "libx264"
    keyframe_interval: float = 0.0
    fps: float = 30.0
