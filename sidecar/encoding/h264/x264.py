"""The H.264 encoder: x264 through PyAV."""

from __future__ import annotations

import os
import time
from fractions import Fraction
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from sidecar.cameras.geometry import even
from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.rate_control import RateControl
from sidecar.encoding.settings import MAX_BITRATE, EncoderSettings
from sidecar.encoding.yuv420p import Yuv420pConverter, encoded_colour
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import ColorRange, Colour, Frame, Matrix
from sidecar.media.h264 import H264
from sidecar.media.h264.nal_units import IDR, PPS, SLICE, SPS, nal_unit_type, split_annex_b

# What one picture may take, in seconds of the bitrate that the encoder was opened for. Shorter, x264 leaves half of a
# high bitrate unused; longer, a keyframe is on its way for longer.
_BUFFER_SECONDS: Final = 0.2
_OUTGROWN: Final = 1.5  # times the bitrate that it was opened for, or less than this part: time for another buffer
_PIXELS_PER_THREAD: Final = 1280 * 720  # below it, slices in parallel gain less than they cost
_MOST_THREADS: Final = 4

_MATRICES: Final[dict[Matrix, int]] = {"bt601": 6, "bt709": 1}  # ITU-T H.264, table E-5
_PRIMARIES_BT709: Final = 1  # table E-3: those of sRGB, which is what cameras deliver
_TRANSFER_BT709: Final = 1  # table E-4
_USUAL_COLOUR: Final = Colour()
_RANGES: Final[dict[ColorRange, int]] = {"tv": 1, "pc": 2}  # AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG

_SENT: Final = frozenset((SLICE, IDR, SPS, PPS))  # not x264's SEI, which says how it was called


class H264Encoder:
    """Constrained baseline, no delay, a keyframe only when one is asked for or needed.

    Pictures are cut to even sizes. A picture of another size or colour, or another `scale`, makes a new encoder and a
    keyframe. x264 cannot change the size of its buffer: so a keyframe makes a new encoder, too, when the bitrate has
    gone far from the one that the buffer was made for. Used by one thread at a time.
    """

    def __init__(
        self, width: int, height: int, fps: float, settings: EncoderSettings, colour: Colour = _USUAL_COLOUR
    ) -> None:
        if not fps > 0:
            raise EncoderFailedError(f"The camera's frame rate is unknown ({fps:g}).", details={"fps": fps})
        self.name = settings.encoder
        self._fps = fps
        self.scale = Fraction(1)
        """Of width and height, at most 1; may be set at any time."""
        self._rate = RateControl(fps, settings.bitrate)
        self._ticks: int | None = None
        self._open((even(width), even(height)), (even(width), even(height)), colour)

    @property
    def width(self) -> int:
        """Pixels, even."""
        return self._context.width

    @property
    def height(self) -> int:
        """Pixels, even."""
        return self._context.height

    @property
    def bitrate(self) -> int:
        """The target in bits per second; may be set at any time, costs no keyframe."""
        return self._rate.target

    @bitrate.setter
    def bitrate(self, bits_per_second: int) -> None:
        if bits_per_second != self._rate.target:
            self._rate.target = bits_per_second

    def encode(self, frame: Frame, *, keyframe: bool) -> AccessUnit:
        """The picture as an access unit, at once. EncoderFailedError when x264 refuses."""
        self._fit(frame, keyframe)
        ticks, gap = self._advance(frame.captured_at)
        picture = self._converter.convert(frame)
        picture.pts, picture.time_base = ticks, Fraction(1, H264.clock_rate)
        picture.pict_type = PictureType.I if keyframe else PictureType.NONE  # the first is one anyway
        nal_units = self._encode(picture)
        access_unit = AccessUnit(
            codec=H264,
            nal_units=nal_units,
            keyframe=any(nal_unit_type(nal_unit) == IDR for nal_unit in nal_units),
            rtp_timestamp=ticks % 2**32,
            captured_at=frame.captured_at,
            encoded_at=time.monotonic(),
            width=self.width,
            height=self.height,
            target_bitrate=self._rate.target,
        )
        self._rate.measured(8 * access_unit.size, gap)
        return access_unit

    def close(self) -> None:
        """Free x264's threads and memory; the encoder is of no use afterwards."""
        del self._context, self._converter

    def _fit(self, frame: Frame, keyframe: bool) -> None:
        source, colour = (even(frame.width), even(frame.height)), encoded_colour(frame)
        size = (even(int(source[0] * self.scale)), even(int(source[1] * self.scale)))
        changed = self._rate.target / self._buffered_bitrate
        outgrown = keyframe and not 1 / _OUTGROWN <= changed <= _OUTGROWN
        if (source, size, colour) != self._opened or outgrown:
            self._open(source, size, colour)

    def _open(self, source: tuple[int, int], size: tuple[int, int], colour: Colour) -> None:
        width, height = size
        try:
            context = _new_context(self.name, width, height, self._fps, colour, self._rate.target)
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderFailedError(
                f"{self.name} cannot be opened for {width}x{height}.", details={"width": width, "height": height}
            ) from error
        self._context = context
        self._buffered_bitrate = self._rate.target
        self._opened = source, size, colour
        self._converter = Yuv420pConverter(*source, scaled=size)

    def _advance(self, captured_at: float) -> tuple[int, float]:
        """The picture's time in ticks of the RTP clock, later than the one before, and the seconds in between."""
        ticks = round(captured_at * H264.clock_rate)
        before = self._ticks
        self._ticks = ticks if before is None else max(ticks, before + 1)
        return self._ticks, 1 / self._fps if before is None else (self._ticks - before) / H264.clock_rate

    def _encode(self, picture: av.VideoFrame) -> tuple[bytes, ...]:
        self._context.bit_rate = self._rate.encoder_bitrate
        try:
            packets = self._context.encode(picture)
        except (av.FFmpegError, ValueError) as error:
            raise EncoderFailedError(f"{self.name} could not encode a picture.") from error
        nal_units = tuple(
            nal_unit
            for packet in packets
            for nal_unit in split_annex_b(bytes(packet))
            if nal_unit_type(nal_unit) in _SENT
        )
        if not nal_units:
            raise EncoderFailedError(f"{self.name} held a picture back.")
        return nal_units


def _new_context(name: str, width: int, height: int, fps: float, colour: Colour, bitrate: int) -> VideoCodecContext:
    level = H264.level_for(width, height, fps)
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate = Fraction(fps).limit_denominator(1001)
    context.time_base = Fraction(1, H264.clock_rate)
    context.thread_count = _threads(width * height)
    context.colorspace, context.color_range = _MATRICES[colour.matrix], _RANGES[colour.color_range]
    context.color_primaries, context.color_trc = _PRIMARIES_BT709, _TRANSFER_BT709
    # x264 follows a bitrate changed later only if it was opened at a constant one (maxrate = bit rate), and no further
    # up than that. So it is opened at the highest there may be, and told the true one before the first picture.
    context.bit_rate = MAX_BITRATE
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "level": level.name,
        "maxrate": str(MAX_BITRATE),
        "bufsize": str(round(_BUFFER_SECONDS * bitrate)),
        "forced-idr": "1",
        # repeat-headers: SPS and PPS before each keyframe. The deblocking filter, which ultrafast leaves out, is worth
        # 0.3 to 0.8 dB at 2.5 Mbit/s and takes no time that could be measured.
        "x264-params": "repeat-headers=1:keyint=infinite:scenecut=0:no-deblock=0:sliced-threads=1",
    }
    return context


def _threads(pixels: int) -> int:
    return min(max(pixels // _PIXELS_PER_THREAD, 1), os.cpu_count() or 1, _MOST_THREADS)
