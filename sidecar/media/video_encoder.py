"""The encoder of a camera's frames, and its optional capabilities."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol, runtime_checkable

from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import Frame


class VideoEncoder(Protocol):
    """An encoder without delay: each frame becomes one access unit at once. Used by one thread at a time.

    Frames may change in size, pixel format and colour at any time; the encoder answers with a keyframe.
    """

    def encode(self, frame: Frame, *, keyframe: bool) -> AccessUnit:
        """Return the frame as an access unit, as a keyframe on demand. Raises EncoderFailedError."""

    def close(self) -> None:
        """Free threads and memory; the encoder cannot be used afterwards."""


@runtime_checkable
class BitrateControl(Protocol):
    """The capability to change the target bitrate without a keyframe."""

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this bitrate from the next picture on."""


@runtime_checkable
class ScaleControl(Protocol):
    """The capability to encode a smaller picture than the camera's."""

    def set_scale(self, scale: Fraction) -> None:
        """Multiply width and height by `scale`, at most 1, from the next picture on, which is a keyframe."""


@runtime_checkable
class FrameRateControl(Protocol):
    """The capability to expect another frame rate than the one that it was made for."""

    def set_fps(self, fps: float) -> None:
        """Expect this frame rate from the next picture on; another one makes that picture a keyframe."""


@runtime_checkable
class KeyframeControl(Protocol):
    """The capability to make a keyframe on demand where no frame is handed over: a camera that encodes by itself."""

    def request_keyframe(self) -> None:
        """Make the next picture a keyframe."""
