"""An encoder of the table and the capabilities that it has."""

from __future__ import annotations

from fractions import Fraction

from sidecar.encoding.h264 import EncoderType
from sidecar.encoding.settings import EncoderSettings
from sidecar.media.video_encoder import BitrateControl, FrameRateControl, ScaleControl


class ControlledEncoder:
    """Makes an encoder and forwards to the capabilities that it has; without them it stays as it was made."""

    def __init__(self, encoder_type: EncoderType, settings: EncoderSettings) -> None:
        """Raises EncoderFailedError."""
        encoder = encoder_type.load()(settings)
        self._bitrate_control = encoder if isinstance(encoder, BitrateControl) else None
        self._fps_control = encoder if isinstance(encoder, FrameRateControl) else None
        self._scale_control = encoder if isinstance(encoder, ScaleControl) else None
        self.encode = encoder.encode
        self.close = encoder.close

    def follow(self, bitrate: int, scale: Fraction, fps: float) -> None:
        """Set the target bitrate (bits per second), the scale and the frame rate that the encoder can change."""
        if self._fps_control is not None:
            self._fps_control.set_fps(fps)
        if self._bitrate_control is not None:
            self._bitrate_control.set_bitrate(bitrate)
        if self._scale_control is not None:
            self._scale_control.set_scale(scale)
