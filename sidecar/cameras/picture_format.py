"""What a decoder says about its pictures, and what is assumed where it says nothing (docs/picture.md has the table)."""

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
"""Pixels; video that names no matrix is BT.709 from this height on and BT.601 below, as in Chromium's <video>."""

# The code points of ITU-T H.273, table 4, by their names in FFmpeg's colorspace filter.
MATRICES: Final = {
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020ncl",
    10: "bt2020ncl",  # constant luminance, which hardly any camera has; near enough
}
BT601_MATRICES: Final = ("bt470bg", "smpte170m")

# Table 2. Primaries that are missing are taken for BT.709's. So are SMPTE 170M's and 240M's: cameras that name them
# mostly deliver sRGB, and browsers do not convert them either.
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

# Table 3. They matter only where primaries are converted, in linear light; what is missing is taken for BT.709's.
TRANSFERS: Final[dict[int, str]] = {
    ColorTrc.GAMMA22: "gamma22",
    ColorTrc.GAMMA28: "gamma28",
    ColorTrc.SMPTE240M: "smpte240m",
    ColorTrc.LINEAR: "linear",
    ColorTrc.IEC61966_2_1: "iec61966-2-1",
}
HDR_TRANSFERS: Final = (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)

Model = Literal["yuv", "rgb", "gray"]

# Recommendations that say what an unspecified range is: limited (ITU-T H.264 and H.265, E.2.1). Other codecs with grey
# pictures are those of still images and raw memory, whose greys go from 0 to 255.
_LIMITED_GREY_CODECS: Final = ("h264", "hevc", "vvc", "av1", "vp9", "mpeg2video", "mpeg4")
_JPEG_CODECS: Final = ("mjpeg", "mjpegb", "ljpeg", "jpegls")


@dataclass(frozen=True, slots=True)
class SourceColour:
    """Matrix, primaries and transfer characteristics by their names in FFmpeg's filters, and the range."""

    matrix: str
    primaries: str
    transfer: str
    color_range: ColorRange
    is_hdr: bool


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """The form of a decoded picture: size in pixels, FFmpeg's pixel format, colour, shape of a pixel, orientation."""

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
    """The format of a picture that `codec` (FFmpeg's name) decoded, or that a camera's driver delivered raw."""
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
    """Return a member without a name for a kind of side data."""
    member: SideDataType = object.__new__(cls)
    member._name_ = str(value)
    member._value_ = value  # type: ignore[assignment]
    return member


# PyAV's enumeration ends before FFmpeg's: the side data of a picture with EXIF (31) or of two views could not be read.
SideDataType._missing_ = classmethod(_unnamed_side_data)  # type: ignore[assignment, method-assign]


class DisplayOrientation:
    """The orientation of a stream's pictures.

    FFmpeg gives a container's display matrix with each picture, and that of a display orientation message (ITU-T H.264,
    D.2.27; H.265, D.2.17) with the message's own picture only. The message holds until the coded video sequence ends.
    """

    def __init__(self) -> None:
        self._newest = UPRIGHT

    def of(self, picture: av.VideoFrame) -> Orientation:
        """The orientation of the newest picture. A keyframe without a display matrix is upright."""
        side_data = cast("Mapping[SideDataType, Buffer]", picture.side_data)  # its stub says otherwise
        matrix = side_data.get(SideDataType.DISPLAYMATRIX) if len(side_data) else None
        if matrix is not None:
            self._newest = Orientation.from_display_matrix(bytes(matrix))
        elif picture.key_frame:
            self._newest = UPRIGHT
        return self._newest


class PixelAspect:
    """The pixel aspect ratio of a stream's pictures: the container's where it tells one, else the decoder's."""

    def __init__(self) -> None:
        self._stream: VideoStream | None = None
        self._container_aspect: Fraction | None = None

    def of(self, stream: VideoStream) -> Fraction:
        """Width to height of a pixel of the newest picture."""
        decoded = stream.codec_context.sample_aspect_ratio
        if stream is not self._stream:
            # FFmpeg's guess is the container's, or else what the decoder said when the stream was opened.
            self._stream, guess = stream, stream.sample_aspect_ratio
            self._container_aspect = guess if guess and guess != decoded else None
        return self._container_aspect or decoded or Fraction(1)
