"""The facts of a video coding format that encoders, cameras, session descriptions and receivers agree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class StreamDescription(NamedTuple):
    """The configuration that a decoder needs before the first picture.

    `codec` is the codec string of RFC 6381 (3.3), for example avc1.42c01f. `record` is the decoder configuration
    record, WebCodecs' `description`. Sizes are in pixels.
    """

    codec: str
    record: bytes
    width: int
    height: int


class FormatMatch(NamedTuple):
    """A receiver's payload format that the stream fits: `rank` 0 fits best, `fmtp` goes into the a=fmtp line."""

    rank: int
    fmtp: str


class Level(Protocol):
    """The limits of a level: the size, the rate and the bitrate that its decoders accept."""

    @property
    def name(self) -> str:
        """The name that people and encoders use, for example 3.1."""

    @property
    def max_side(self) -> int:
        """The longest side of a picture, in pixels."""

    def max_pixels(self, fps: float) -> float:
        """Return the largest picture at `fps` frames per second, in pixels, before rounding to whole blocks."""

    def allows(self, width: int, height: int, fps: float, bitrate: int = 0) -> bool:
        """Return whether the level allows this size (pixels), frame rate and bitrate (bits per second)."""


class Codec(Protocol):
    """One video coding format. Sizes are in pixels, rates in frames per second, bitrates in bits per second."""

    @property
    def title(self) -> str:
        """The name of the format in messages for people, for example H.264."""

    @property
    def encoding_name(self) -> str:
        """The encoding name of a=rtpmap, a registered media subtype (RFC 8866, 6.6), for example H264."""

    @property
    def clock_rate(self) -> int:
        """The rate of the RTP time stamps, in hertz."""

    @property
    def decoded_level(self) -> Level:
        """The highest level that browsers decode."""

    @property
    def fmtp(self) -> str:
        """The format parameters that an offer proposes, for an a=fmtp line."""

    @property
    def receiver_hint(self) -> str:
        """The hint in an error for a receiver that does not decode the format."""

    def level_for(self, width: int, height: int, fps: float, bitrate: int = 0) -> Level:
        """Return the lowest level that allows this picture. Raises EncoderFailedError when there is none."""

    def match(self, parameters: Mapping[str, str]) -> FormatMatch | None:
        """Return how a receiver's format with these a=fmtp parameters fits the stream, None when it does not."""

    def mismatch(self, formats: Sequence[Mapping[str, str]]) -> str:
        """Return the reason why none of a receiver's formats of this codec, with these parameters, fits the stream."""

    def packetise(self, nal_units: Sequence[bytes], max_payload: int) -> tuple[bytes, ...]:
        """Return the RTP payloads of one access unit, each at most `max_payload` bytes long."""

    def describe(self, nal_units: Sequence[bytes], width: int, height: int) -> StreamDescription:
        """Return the description that a keyframe's parameter sets make. Raises EncoderFailedError without them."""

    def sample(self, nal_units: Sequence[bytes]) -> bytes:
        """Return an access unit as one sample of ISO/IEC 14496-15, parameter sets left out."""
