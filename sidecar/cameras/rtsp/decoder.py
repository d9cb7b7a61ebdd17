"""Decoding of access units by libav's decoders, without its parsers."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from sidecar.cameras.rtsp.depacketise import ENCODINGS
from sidecar.cameras.rtsp.description import VideoDescription
from sidecar.cameras.rtsp.errors import RtspError

FASTEST, SLOWEST, USUAL = 240.0, 0.1, 30.0
"""The highest and lowest frame rate that a stream may claim, and the rate of a stream without one."""


class Decoder:
    """Decodes one access unit at a time. A picture without later B-frames is returned at once."""

    def __init__(self, description: VideoDescription) -> None:
        encoding = ENCODINGS[description.encoding]
        self._frame_rate = description.frame_rate
        self.name = encoding.decoder
        self._codec = cast(VideoCodecContext, av.CodecContext.create(encoding.decoder, "r"))
        self._codec.thread_type = "SLICE"  # frame threads would delay pictures
        configuration = encoding.configuration(description)
        if configuration:
            self._codec.extradata = configuration
        try:
            self._codec.open()
        except av.FFmpegError as error:
            raise RtspError("the decoder does not open") from error

    @property
    def frame_rate(self) -> float:
        """The frame rate of the description, or else of the stream, or else 30, in frames per second."""
        rate = self._frame_rate or float(self._codec.framerate or 0)
        return round(rate, 3) if SLOWEST <= rate <= FASTEST else USUAL

    @property
    def pixel_aspect(self) -> Fraction:
        """The ratio of width to height of a pixel in the newest picture."""
        return self._codec.sample_aspect_ratio or Fraction(1)

    def decode(self, unit: bytes) -> list[VideoFrame]:
        """Return the pictures that an access unit completes, without pictures that the decoder marks as damaged."""
        try:
            pictures = self._codec.decode(av.Packet(unit))
        except av.FFmpegError:
            return []
        return [picture for picture in pictures if not picture.is_corrupt]
