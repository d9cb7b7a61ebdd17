"""One encoded picture."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.media.codec import Codec, StreamDescription


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture in the format of `codec` (ITU-T H.264, 7.4.1.2.3), for viewers of every kind.

    `nal_units` have no start codes; a keyframe begins with its parameter sets. `rtp_timestamp` counts the codec's clock
    rate from `captured_at`, modulo 2**32. `captured_at` and `encoded_at` are time.monotonic() in seconds,
    `width` and `height` pixels. `target_bitrate` is the bitrate that the encoder aimed at, in bits per second.
    """

    codec: Codec
    nal_units: tuple[bytes, ...]
    keyframe: bool
    rtp_timestamp: int
    captured_at: float
    encoded_at: float
    width: int
    height: int
    target_bitrate: int

    @property
    def size(self) -> int:
        """The sum of all NAL units, in bytes."""
        return sum(map(len, self.nal_units))

    def describe(self) -> StreamDescription:
        """Return the decoder's configuration. Raises EncoderFailedError for a picture without parameter sets."""
        return self.codec.describe(self.nal_units, self.width, self.height)

    def sample(self) -> bytes:
        """Return the picture as one sample of ISO/IEC 14496-15, parameter sets left out."""
        return self.codec.sample(self.nal_units)
