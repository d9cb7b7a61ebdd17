"""The H.264 encoder of libx264, through PyAV."""

from __future__ import annotations

import os
import time
from fractions import Fraction
from typing import Final, NamedTuple

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from sidecar.contract.errors import EncoderFailedError
from sidecar.contract.limits import MAX_BITRATE
from sidecar.encoding.rate_control import RateControl
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.yuv420p import Yuv420pConverter, encoded_colour
from sidecar.media.access_unit import AccessUnit
from sidecar.media.frame import ColorRange, Colour, Frame, Matrix
from sidecar.media.h264 import H264
from sidecar.media.h264.nal_units import IDR, PPS, SLICE, SPS, nal_unit_type, split_annex_b
from sidecar.media.pixel_formats import even

LIBRARY: Final = "libx264"

# The size of x264's buffer, in seconds of the bitrate that the encoder was opened for. A shorter one leaves half of a
# high bitrate unused; a longer one allows keyframes that take longer to send.
_BUFFER_SECONDS: Final = 0.2
_OUTGROWN: Final = 1.5  # a bitrate so many times the one of the buffer, or less than this part of it, needs another
_PIXELS_PER_THREAD: Final = 1280 * 720  # for fewer pixels, slices in parallel gain less than they cost
_MOST_THREADS: Final = 4

_MATRICES: Final[dict[Matrix, int]] = {"bt601": 6, "bt709": 1}  # ITU-T H.264, table E-5
_PRIMARIES_BT709: Final = 1  # table E-3: the primaries of sRGB, which cameras deliver
_TRANSFER_BT709: Final = 1  # table E-4
_RANGES: Final[dict[ColorRange, int]] = {"tv": 1, "pc": 2}  # AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG

_SENT: Final = frozenset((SLICE, IDR, SPS, PPS))  # without x264's SEI, which carries its command line


class _Shape(NamedTuple):
    """The properties of pictures that one context can encode: sizes are (width, height) in pixels, even."""

    source: tuple[int, int]
    size: tuple[int, int]
    colour: Colour
    fps: float


class X264Encoder:
    """Constrained baseline, no delay, keyframes on demand or where a decoder needs one.

    Pictures are cut to even sizes. A picture of another size, colour, scale or frame rate opens a new context of
    libx264, and is a keyframe. x264 cannot change the size of its buffer, so a keyframe opens a new context, too, when
    the bitrate has moved far from the one that the buffer was made for. Used by one thread at a time.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        """Raises EncoderFailedError for a frame rate that is not positive."""
        if not settings.fps > 0:
            raise EncoderFailedError(
                f"The camera's frame rate is unknown ({settings.fps:g}).", details={"fps": settings.fps}
            )
        self._fps = settings.fps
        self._rate = RateControl(settings.fps, settings.bitrate)
        self._scale = Fraction(1)
        self._ticks: int | None = None
        self._context: _Context | None = None

    def set_bitrate(self, bits_per_second: int) -> None:
        """Aim at this bitrate from the next picture on, without a keyframe."""
        if bits_per_second != self._rate.target:
            self._rate.target = bits_per_second

    def set_scale(self, scale: Fraction) -> None:
        """Multiply width and height by `scale`, at most 1, from the next picture on, which is a keyframe."""
        self._scale = scale

    def set_fps(self, fps: float) -> None:
        """Expect this frame rate from the next picture on, which is a keyframe."""
        if fps != self._fps:
            self._fps = fps
            self._rate.set_fps(fps)

    def encode(self, frame: Frame, *, keyframe: bool) -> AccessUnit:
        """Return the frame as an access unit, as a keyframe on demand. Raises EncoderFailedError when x264 refuses."""
        context = self._context_for(frame, keyframe)
        ticks, gap = self._advance(frame.captured_at)
        nal_units = context.encode(frame, ticks, self._rate.encoder_bitrate, keyframe=keyframe)
        width, height = context.shape.size
        access_unit = AccessUnit(
            codec=H264,
            nal_units=nal_units,
            keyframe=any(nal_unit_type(nal_unit) == IDR for nal_unit in nal_units),
            rtp_timestamp=ticks % 2**32,
            captured_at=frame.captured_at,
            encoded_at=time.monotonic(),
            width=width,
            height=height,
            target_bitrate=self._rate.target,
        )
        self._rate.measured(8 * access_unit.size, gap)
        return access_unit

    def close(self) -> None:
        """Free x264's threads and memory."""
        self._context = None

    def _context_for(self, frame: Frame, keyframe: bool) -> _Context:
        source = even(frame.width), even(frame.height)
        size = even(int(source[0] * self._scale)), even(int(source[1] * self._scale))
        shape = _Shape(source, size, encoded_colour(frame), self._fps)
        context = self._context
        if context is None or context.shape != shape or (keyframe and context.is_outgrown(self._rate.target)):
            self._context = context = _Context(shape, self._rate.target)
        return context

    def _advance(self, captured_at: float) -> tuple[int, float]:
        """Return the picture's time in ticks of the RTP clock, later than the previous, and the seconds in between."""
        ticks = round(captured_at * H264.clock_rate)
        before = self._ticks
        self._ticks = ticks if before is None else max(ticks, before + 1)
        return self._ticks, 1 / self._fps if before is None else (self._ticks - before) / H264.clock_rate


class _Context:
    """A codec context of libx264: pictures of one shape, and a buffer for one bitrate."""

    def __init__(self, shape: _Shape, bitrate: int) -> None:
        """Raises EncoderFailedError when no level allows the size, or libx264 cannot be opened."""
        width, height = shape.size
        try:
            self._context = _new_context(width, height, shape.fps, shape.colour, bitrate)
            self._context.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderFailedError(
                f"{LIBRARY} cannot be opened for {width}x{height}.", details={"width": width, "height": height}
            ) from error
        self.shape = shape
        self._bitrate = bitrate
        self._converter = Yuv420pConverter(*shape.source, scaled=shape.size)

    def is_outgrown(self, bitrate: int) -> bool:
        """Return whether the buffer is far too small or too large for this bitrate."""
        return not 1 / _OUTGROWN <= bitrate / self._bitrate <= _OUTGROWN

    def encode(self, frame: Frame, ticks: int, bitrate: int, *, keyframe: bool) -> tuple[bytes, ...]:
        """Return the NAL units of a frame captured at `ticks` of the RTP clock. `bitrate` is x264's setting."""
        picture = self._converter.convert(frame)
        picture.pts, picture.time_base = ticks, Fraction(1, H264.clock_rate)
        picture.pict_type = PictureType.I if keyframe else PictureType.NONE  # the first picture is a keyframe anyway
        self._context.bit_rate = bitrate
        try:
            packets = self._context.encode(picture)
        except (av.FFmpegError, ValueError) as error:
            raise EncoderFailedError(f"{LIBRARY} could not encode a picture.") from error
        nal_units = tuple(
            nal_unit
            for packet in packets
            for nal_unit in split_annex_b(bytes(packet))
            if nal_unit_type(nal_unit) in _SENT
        )
        if not nal_units:
            raise EncoderFailedError(f"{LIBRARY} held a picture back.")
        return nal_units


def _new_context(width: int, height: int, fps: float, colour: Colour, bitrate: int) -> VideoCodecContext:
    level = H264.level_for(width, height, fps)
    context = av.CodecContext.create(LIBRARY, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate = Fraction(fps).limit_denominator(1001)
    context.time_base = Fraction(1, H264.clock_rate)
    context.thread_count = _threads(width * height)
    context.colorspace, context.color_range = _MATRICES[colour.matrix], _RANGES[colour.color_range]
    context.color_primaries, context.color_trc = _PRIMARIES_BT709, _TRANSFER_BT709
    # x264 follows a later change of the bitrate only if it was opened at a constant one (maxrate = bit rate), and not
    # above that one. So it is opened at the highest possible bitrate, and set to the target before the first picture.
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
