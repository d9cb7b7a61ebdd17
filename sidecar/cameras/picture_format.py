"""The format of decoded pictures as the decoder describes it, with defaults for gaps (table: docs/picture.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, cast

import av
from av.buffer import Buffer
from av.sidedata.sidedata import Type as SideDataType
from av.video.format import VideoFormat
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.reformatter import ColorRange as AvColorRange
from av.video.stream import VideoStream

from sidecar.cameras.geometry import UPRIGHT, Orientation
from sidecar.media.frame import ColorRange

HD_HEIGHT: Final = 720
"""The height, in pixels, from which video without a named matrix counts as BT.709 and not BT.601, as in Chromium."""

# The code points of ITU-T H.273, table 4, by their names in FFmpeg's colorspace filter.
MATRICES: Final = {
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020ncl",
    10: "bt2020ncl",  # constant luminance: hardly any camera uses it, and the approximation suffices
}
BT601_MATRICES: Final = ("bt470bg", "smpte170m")

# Table 2. Missing primaries count as BT.709. So do SMPTE 170M's and 240M's: cameras that name them mostly deliver sRGB,
# and browsers do not convert them either.
PRIMARIES: Final[dict[int, str]] = {
    ColorPrimaries.BT470M: "bt470m",
    ColorPrimaries.BT470BG: "bt470bg",
    ColorPrimaries.FILM: "film",
    ColorPrimaries.BT2020: "bt2020",
    ColorPrimaries.SMPTE428: "smpte428",
    ColorPrimaries.SMPTE431: "smpte431",
    ColorPrimaries.SMPTE432: "smpte432",
    ColorPrimaries.EBU3213: "jedec-p22",
}

# Table 3. Transfer characteristics are needed only to convert primaries, in linear light. The default is BT.709.
TRANSFERS: Final[dict[int, str]] = {
    ColorTrc.GAMMA22: "gamma22",
    ColorTrc.GAMMA28: "gamma28",
    ColorTrc.SMPTE240M: "smpte240m",
    ColorTrc.LINEAR: "linear",
    ColorTrc.IEC61966_2_1: "iec61966-2-1",
}
HDR_TRANSFERS: Final = (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)

Model = Literal["yuv", "rgb", "gray"]

# Codecs whose specification defines an unspecified range as limited (ITU-T H.264 and H.265, E.2.1). Other codecs with
# grey pictures are image formats and uncompressed video, whose greys range from 0 to 255.
_LIMITED_GREY_CODECS: Final = ("h264", "hevc", "vvc", "av1", "vp9", "mpeg2video", "mpeg4")
_JPEG_CODECS: Final = ("mjpeg", "mjpegb", "ljpeg", "jpegls")


@dataclass(frozen=True, slots=True)
class SourceColour:
    """The colour of a picture: matrix, primaries and transfer by their names in FFmpeg's filters, and the range."""

    matrix: str
    primaries: str
    transfer: str
    color_range: ColorRange
    is_hdr: bool


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """The format of a decoded picture: size in pixels, FFmpeg's pixel format, colour, pixel aspect and orientation."""

    width: int
    height: int
    pixel_format: str
    model: Model
    colour: SourceColour
    pixel_aspect: Fraction
    orientation: Orientation


def picture_format(
    picture: av.VideoFrame, pixel_aspect: Fraction, orientation: Orientation, codec: str, *, is_raw_capture: bool
) -> PictureFormat:
    """Return the format of a picture that `codec` (FFmpeg's name) decoded, or that a camera's driver delivered raw."""
    pixel_format = picture.format
    return PictureFormat(
        picture.width,
        picture.height,
        pixel_format.name,
        _model(pixel_format),
        _colour(picture, codec, is_raw_capture=is_raw_capture),
        pixel_aspect,
        orientation,
    )


def _model(pixel_format: VideoFormat) -> Model:
    if pixel_format.is_rgb or pixel_format.has_palette:
        return "rgb"
    return "gray" if pixel_format.name.startswith(("gray", "mono", "ya8", "ya16", "yaf")) else "yuv"


def _colour(picture: av.VideoFrame, codec: str, *, is_raw_capture: bool) -> SourceColour:
    is_jpeg = picture.format.name.startswith("yuvj") or codec in _JPEG_CODECS
    is_hd_video = picture.height >= HD_HEIGHT and not is_jpeg and not is_raw_capture
    return SourceColour(
        MATRICES.get(picture.colorspace, "bt709" if is_hd_video else "smpte170m"),
        PRIMARIES.get(picture.color_primaries, "bt709"),
        TRANSFERS.get(picture.color_trc, "bt709"),
        _range(picture, codec, is_jpeg=is_jpeg),
        picture.color_trc in HDR_TRANSFERS,
    )


def _range(picture: av.VideoFrame, codec: str, *, is_jpeg: bool) -> ColorRange:
    if picture.color_range == AvColorRange.JPEG or picture.format.name.startswith("yuvj"):
        return "pc"
    if picture.color_range == AvColorRange.MPEG:  # also JPEG pictures with FFmpeg's comment "CS=ITU601"
        return "tv"
    if _model(picture.format) == "yuv":
        return "pc" if is_jpeg else "tv"
    return "tv" if codec in _LIMITED_GREY_CODECS and _model(picture.format) == "gray" else "pc"


def _unnamed_side_data(cls: type[SideDataType], value: int) -> SideDataType:
    """Return a new member of the enumeration for an unknown type of side data."""
    member: SideDataType = object.__new__(cls)
    member._name_ = str(value)
    member._value_ = value  # type: ignore[assignment]
    return member


# PyAV's enumeration is shorter than FFmpeg's: without this, a picture with EXIF (31) or stereo side data is unreadable.
SideDataType._missing_ = classmethod(_unnamed_side_data)  # type: ignore[assignment, method-assign]


class DisplayOrientation:
    """The orientation of a stream's pictures.

    FFmpeg attaches a container's display matrix to each picture, and a display orientation SEI message (ITU-T H.264,
    D.2.27; H.265, D.2.17) to one picture only, although it holds until the end of the coded video sequence.
    """

    def __init__(self) -> None:
        self._newest = UPRIGHT

    def of(self, picture: av.VideoFrame) -> Orientation:
        """Return the orientation of the newest picture. A keyframe without a display matrix is upright."""
        side_data = cast("Mapping[SideDataType, Buffer]", picture.side_data)  # the type stub is wrong
        matrix = side_data.get(SideDataType.DISPLAYMATRIX) if len(side_data) else None
        if matrix is not None:
            self._newest = Orientation.from_display_matrix(bytes(matrix))
        elif picture.key_frame:
            self._newest = UPRIGHT
        return self._newest


class PixelAspect:
    """The sample aspect ratio of a stream's pictures: the container's ratio, or the decoder's in its absence."""

    def __init__(self) -> None:
        self._stream: VideoStream | None = None
        self._container_aspect: Fraction | None = None

    def of(self, stream: VideoStream) -> Fraction:
        """Return the ratio of width to height of a pixel in the newest picture."""
        decoded = stream.codec_context.sample_aspect_ratio
        if stream is not self._stream:
            # FFmpeg's guess is the container's ratio, or the decoder's ratio from the opening of the stream.
            self._stream, guess = stream, stream.sample_aspect_ratio
            self._container_aspect = guess if guess and guess != decoded else None
        return self._container_aspect or decoded or Fraction(1)
