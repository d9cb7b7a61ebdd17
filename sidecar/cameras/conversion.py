"""The conversion of pictures by libavfilter: upright, with square pixels, in a size and colour that all receivers show.

Measured times for a picture of 1280x720: limited to full range 0.2 ms, another matrix 0.4, other primaries 7, HDR 13.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

import av
import av.filter
from av.video.format import VideoFormat
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc, VideoReformatter
from av.video.reformatter import ColorRange as AvColorRange

from sidecar.cameras.geometry import Orientation
from sidecar.cameras.picture_format import BT601_MATRICES, MATRICES, PRIMARIES, PictureFormat, SourceColour
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Colour, Matrix
from sidecar.media.pixel_formats import even

Step = tuple[str, str]
Size = tuple[int, int]

# The input formats of FFmpeg's colorspace filter.
_PLANAR: Final = frozenset(
    [f"yuv{sampling}p{depth}" for sampling in (420, 422, 444) for depth in ("", "10le", "12le")]
    + [f"yuvj{sampling}p" for sampling in (420, 422, 444)]
)
_EXACT: Final = "bicubic+accurate_rnd+full_chroma_inp"
_TIME_BASE: Final = Fraction(1, 90_000)
_TRANSPOSE: Final = {
    (False, False): "cclock_flip",
    (True, False): "clock",
    (False, True): "cclock",
    (True, True): "clock_flip",
}
_TONE_MAPPED: Final = SourceColour("bt709", "bt709", "bt709", "pc", is_hdr=False)


class Conversion:
    """Converts pictures of one format to a size in pixels, as yuv420p in `colour`; grey pictures become gray.

    With `keeps_range` limited BT.601 samples stay limited. Used by one thread at a time.
    """

    def __init__(self, source: PictureFormat, size: Size, *, keeps_range: bool) -> None:
        self._hdr = _HdrConversion(source) if source.colour.is_hdr else None
        source = self._hdr.output if self._hdr is not None else source
        self.colour = _target(source, keeps_range=keeps_range)
        """The colour of the converted pictures."""
        self._tags = _tags(source)
        self._graph = av.filter.Graph()
        self._graph.threads = 1
        self._build([_buffer(source), *_steps(source, size, self.colour), ("buffersink", "")])

    def convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        """Return the converted picture. Raises CameraFailedError."""
        try:
            if self._hdr is not None:
                picture = self._hdr.convert(picture)
            picture.pts, picture.time_base = 0, _TIME_BASE  # the filters need a time stamp, the caller does not
            # The filters' options name the colour. libswscale refuses pictures with reserved code points.
            picture.colorspace, picture.color_range = self._tags
            picture.color_primaries, picture.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
            self._graph.vpush(picture)
            return self._graph.vpull()
        except (av.FFmpegError, ValueError) as error:
            raise CameraFailedError(f"Pictures of the format {picture.format.name} cannot be converted.") from error

    def _build(self, steps: list[Step]) -> None:
        try:
            self._graph.link_nodes(*[self._graph.add(name, options) for name, options in steps]).configure()
        except (av.FFmpegError, ValueError) as error:
            raise CameraFailedError("Pictures of this camera cannot be converted.") from error


class _HdrConversion:
    """Converts PQ and HLG to BT.709 by libswscale's tone mapping.

    The first picture takes a second, in which libswscale calculates a table.
    """

    def __init__(self, source: PictureFormat) -> None:
        self._matrix = Colorspace.ITU709 if source.colour.matrix == "bt709" else Colorspace.BT2020
        self._range = AvColorRange.JPEG if source.colour.color_range == "pc" else AvColorRange.MPEG
        self._reformatter = VideoReformatter()
        self.output = replace(source, pixel_format="yuv420p", model="yuv", colour=_TONE_MAPPED)
        """The format of the pictures that `convert` returns."""

    def convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        if picture.color_primaries not in (ColorPrimaries.BT709, *PRIMARIES):
            picture.color_primaries = ColorPrimaries.BT2020
        return self._reformatter.reformat(
            picture,
            format="yuv420p",
            src_colorspace=self._matrix,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=self._range,
            dst_color_range=AvColorRange.JPEG,
            dst_color_trc=ColorTrc.IEC61966_2_1,
            dst_color_primaries=ColorPrimaries.BT709,
            threads=0,
        )


def _target(source: PictureFormat, *, keeps_range: bool) -> Colour:
    """Return the colour after the conversion, mostly in full range.

    WebKitGTK shows limited range up to 5 of 255 too dark, and Chromium without a graphics card shows limited BT.709 up
    to 9 of 255 too blue.
    """
    colour = source.colour
    if source.model == "gray":
        return Colour(colour.color_range)
    if source.model == "rgb":
        return Colour("pc")
    matrix: Matrix = "bt601" if colour.matrix in BT601_MATRICES else "bt709"
    if keeps_range and matrix == "bt601" and colour.primaries == "bt709":
        return Colour(colour.color_range, matrix)
    return Colour("pc", matrix)


def _tags(source: PictureFormat) -> tuple[int, int]:
    """Return the code points of matrix (ITU-T H.273, table 4) and range (AVColorRange) of the input pictures."""
    # libswscale does not support YCgCo, and need not: only the colorspace filter converts between matrices, and its
    # options name the matrix.
    codes = {name: code for code, name in MATRICES.items()} | {"bt2020ncl": 9, "ycgco": 1}
    matrix = 0 if source.model == "rgb" else codes[source.colour.matrix]
    return matrix, AvColorRange.JPEG if source.colour.color_range == "pc" else AvColorRange.MPEG


def _buffer(source: PictureFormat) -> Step:
    matrix, color_range = _tags(source)
    size = f"{source.width}x{source.height}"
    options = f"video_size={size}:pix_fmt={source.pixel_format}:time_base={_TIME_BASE}:pixel_aspect=1/1"
    return "buffer", f"{options}:colorspace={matrix}:range={color_range}"


def _steps(source: PictureFormat, size: Size, converted: Colour) -> list[Step]:
    orientation = source.orientation
    scaled = size[::-1] if orientation.transposed else size
    return [*_size_steps(source, scaled), *_colour_steps(source, converted), *_orientation_steps(orientation)]


def _size_steps(source: PictureFormat, size: Size) -> list[Step]:
    width, height = size
    if size == (source.width, source.height):
        return []
    if size == (even(source.width), even(source.height)):
        return [("crop", f"{width}:{height}:0:0")]
    shrinks = width * height < source.width * source.height
    return [("scale", f"{width}:{height}:flags={'area' if shrinks else 'bicubic'}"), ("setsar", "1")]


def _colour_steps(source: PictureFormat, converted: Colour) -> list[Step]:
    colour = source.colour
    if source.model == "gray":
        return [("format", "gray")]
    if source.model == "rgb":
        return [("scale", f"out_color_matrix=bt601:out_range=pc:flags={_EXACT}"), ("format", "yuv420p")]
    matrix: Matrix = "bt601" if colour.matrix in BT601_MATRICES else "bt709"
    is_named = matrix == "bt601" or colour.matrix == "bt709"
    if is_named and colour.primaries == "bt709" and converted == Colour(colour.color_range, matrix):
        return [("format", "yuv420p")]
    space = "smpte170m" if converted.matrix == "bt601" else "bt709"
    # With equal primaries and transfer on both sides the filter skips the conversion to linear light.
    transfer = colour.transfer if colour.primaries != "bt709" else "bt709"
    return [
        ("format", _planar(source.pixel_format)),
        (
            "colorspace",
            f"ispace={colour.matrix}:iprimaries={colour.primaries}:itrc={transfer}:irange={colour.color_range}"
            f":space={space}:primaries=bt709:trc={transfer}:range={converted.color_range}:format=yuv420p",
        ),
    ]


def _planar(pixel_format: str) -> str:
    """Return the nearest pixel format that the colorspace filter accepts."""
    if pixel_format in _PLANAR:
        return pixel_format
    form = VideoFormat(pixel_format, 64, 64)
    sampling = {(32, 32): "420", (32, 64): "422"}.get((form.chroma_width(), form.chroma_height()), "444")
    bits = max(component.bits for component in form.components)
    return f"yuv{sampling}p{'' if bits <= 8 else '10le' if bits <= 10 else '12le'}"


def _orientation_steps(orientation: Orientation) -> list[Step]:
    if orientation.transposed:
        return [("transpose", _TRANSPOSE[orientation.mirrored, orientation.flipped])]
    flips = (("hflip", orientation.mirrored), ("vflip", orientation.flipped))
    return [(name, "") for name, wanted in flips if wanted]
