"""H.264 as a Codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.media.codec import FormatMatch, StreamDescription
from sidecar.media.h264.avcc import describe, sample
from sidecar.media.h264.levels import DECODED_LEVEL, LEVELS, Level, level_for
from sidecar.media.h264.packetise import packetise
from sidecar.media.h264.parameters import RECEIVER_HINT, fmtp, match, mismatch


class H264Codec:
    """Constrained baseline H.264 in RTP payloads of packetization-mode 1 (RFC 6184) or in avcC samples."""

    title: Final = "H.264"
    encoding_name: Final = "H264"
    clock_rate: Final = 90_000  # RFC 6184, 8.2.1
    decoded_level: Final = DECODED_LEVEL
    fmtp: Final = fmtp(LEVELS[0].profile_level_id)
    receiver_hint: Final = RECEIVER_HINT

    def level_for(self, width: int, height: int, fps: float, bitrate: int = 0) -> Level:
        """Return the lowest level of 3.1 and above that allows this picture. Raises EncoderFailedError without one."""
        return level_for(width, height, fps, bitrate)

    def match(self, parameters: Mapping[str, str]) -> FormatMatch | None:
        """Return how a receiver's H.264 format fits the stream, None when it does not."""
        return match(parameters)

    def mismatch(self, formats: Sequence[Mapping[str, str]]) -> str:
        """Return the reason why none of a receiver's H.264 formats fits the stream."""
        return mismatch(formats)

    def packetise(self, nal_units: Sequence[bytes], max_payload: int) -> tuple[bytes, ...]:
        """Return the RTP payloads of one access unit, each at most `max_payload` bytes long."""
        return packetise(nal_units, max_payload)

    def describe(self, nal_units: Sequence[bytes], width: int, height: int) -> StreamDescription:
        """Return the description that a keyframe's SPS and PPS make. Raises EncoderFailedError without them."""
        return describe(nal_units, width, height)

    def sample(self, nal_units: Sequence[bytes]) -> bytes:
        """Return the NAL units of one picture, each after its length, SPS and PPS left out."""
        return sample(nal_units)


H264: Final = H264Codec()
