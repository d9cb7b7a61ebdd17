"""Frames made of the pictures of libav, without a copy where no conversion is needed."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from sidecar.cameras.conversion import Conversion
from sidecar.cameras.geometry import UPRIGHT, shown_size
from sidecar.cameras.picture_format import BT601_MATRICES, DisplayOrientation, PictureFormat, picture_format
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Colour, Frame, Plane
from sidecar.media.pixel_formats import BYTES_PER_PIXEL, FRAME_FORMATS, even

RAW_CODEC = "rawvideo"
"""FFmpeg's name of the decoder for uncompressed video."""

_SAMPLES = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p"}
_CHROMA = {"yuv420p": (2, 2), "yuv422p": (2, 1)}
_SQUARE = Fraction(1)


class FrameMaker:
    """Makes frames of the pictures of one camera, which may change in size, colour or orientation at any time.

    `fps` is the highest frame rate, `codec` FFmpeg's name of the decoder. `is_captured` is true for pictures of a
    camera's driver, and false for pictures of a file or the network. Used by one thread at a time.
    """

    def __init__(self, fps: float, codec: str, *, is_captured: bool = False) -> None:
        self._fps = fps
        self._codec = codec
        self._is_raw_capture = is_captured and codec == RAW_CODEC
        self._orientation = DisplayOrientation()
        self._format: PictureFormat | None = None
        self._size = (0, 0)
        self._conversion: Conversion | None = None

    def frame(self, picture: av.VideoFrame, number: int, captured_at: float, pixel_aspect: Fraction = _SQUARE) -> Frame:
        """Return the frame of a picture that libav decoded: upright and with square pixels.

        The frame shares the picture's memory where no conversion is needed. Raises CameraFailedError when the picture
        cannot be converted.
        """
        found = self._format_of(picture, pixel_aspect)
        if found != self._format:
            self._prepare(found)
        width, height = self._size
        colour = Colour(found.colour.color_range, "bt601" if found.colour.matrix in BT601_MATRICES else "bt709")
        if self._conversion is not None:
            picture, colour = self._conversion.convert(picture), self._conversion.colour
        pixel_format = _SAMPLES.get(picture.format.name, picture.format.name)
        planes = _planes(picture, pixel_format, width, height)
        return Frame(planes, pixel_format, width, height, number, captured_at, *colour)

    def size_of(self, picture: av.VideoFrame, pixel_aspect: Fraction = _SQUARE) -> tuple[int, int]:
        """Return the width and height of the frame that `frame` would make of a picture."""
        return self._shown_size(self._format_of(picture, pixel_aspect))

    def _format_of(self, picture: av.VideoFrame, pixel_aspect: Fraction) -> PictureFormat:
        orientation = self._orientation.of(picture)
        return picture_format(picture, pixel_aspect, orientation, self._codec, is_raw_capture=self._is_raw_capture)

    def _shown_size(self, found: PictureFormat) -> tuple[int, int]:
        return shown_size(found.width, found.height, self._fps, found.pixel_aspect, found.orientation)

    def _prepare(self, found: PictureFormat) -> None:
        if found.pixel_format.startswith("bayer") and min(found.width, found.height) < 2:
            raise CameraFailedError(
                "A Bayer picture needs at least two pixels a side."
            )  # libswscale aborts the process
        self._size = self._shown_size(found)
        is_direct = self._size == (even(found.width), even(found.height)) and found.orientation == UPRIGHT
        if is_direct and _is_carried(found, keeps_range=self._is_raw_capture):
            self._conversion = None
        else:
            self._conversion = Conversion(found, self._size, keeps_range=self._is_raw_capture)
        self._format = found


def _is_carried(found: PictureFormat, *, keeps_range: bool) -> bool:
    """Return whether a frame carries the samples without conversion; with `keeps_range` limited BT.601 included."""
    colour = found.colour
    if _SAMPLES.get(found.pixel_format, found.pixel_format) not in FRAME_FORMATS or colour.is_hdr:
        return False
    if found.model != "yuv":
        return True
    is_bt601 = colour.matrix in BT601_MATRICES
    is_shown_right = colour.color_range == "pc" or (is_bt601 and keeps_range)
    return colour.primaries == "bt709" and (is_bt601 or colour.matrix == "bt709") and is_shown_right


def _planes(picture: av.VideoFrame, pixel_format: str, width: int, height: int) -> tuple[Plane, ...]:
    if pixel_format in _CHROMA:
        across, down = _CHROMA[pixel_format]
        chroma = [_rows(picture, plane, width // across, height // down) for plane in (1, 2)]
        return (_rows(picture, 0, width, height), *chroma)
    if pixel_format == "nv12":
        return _rows(picture, 0, width, height), _rows(picture, 1, width, height // 2)
    plane = _rows(picture, 0, width * BYTES_PER_PIXEL[pixel_format], height)
    if pixel_format != "bgr24":
        return (plane,)
    return (np.lib.stride_tricks.as_strided(plane, (height, width, 3), (plane.strides[0], 3, 1)),)


class _PlaneMemory:
    """A plane of a picture for numpy, row by row from the top (numpy's array interface, version 3).

    PyAV's buffer begins with the top row. A picture that is stored from the bottom up has a negative line size, and its
    other rows lie before that buffer.
    """

    def __init__(self, picture: av.VideoFrame, plane: int, row_bytes: int, rows: int) -> None:
        source = picture.planes[plane]
        assert rows <= source.height and row_bytes <= abs(source.line_size)
        self._picture = picture  # owns the memory as long as an array uses it
        self.__array_interface__ = {
            "version": 3,
            "shape": (rows, row_bytes),
            "strides": (source.line_size, 1),
            "typestr": "|u1",
            "data": (source.buffer_ptr, False),
        }


def _rows(picture: av.VideoFrame, plane: int, row_bytes: int, rows: int) -> Plane:
    array: Plane = np.asarray(_PlaneMemory(picture, plane, row_bytes, rows))
    return array
