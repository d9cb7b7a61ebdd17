"""From a library's picture to a `Frame`, without copies where the picture owns its memory."""

from __future__ import annotations

from typing import Literal, cast

import av
import numpy as np
from av.video.reformatter import ColorRange as AvColorRange

from sidecar.cameras.frame import ColorRange, Frame, Plane

RawFormat = Literal["bgr24", "yuyv422", "nv12", "yuv420p", "gray"]
"""The pixel formats that OpenCV captures."""

_FULL_RANGE_NAMES = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p"}
_CHROMA = {"yuv420p": (2, 2), "yuv422p": (2, 1)}
_BYTES_PER_PIXEL = {"yuyv422": 2, "gray": 1, "bgr24": 3}


def frame_of(picture: av.VideoFrame, number: int, captured_at: float) -> Frame:
    """A picture that libav decoded, without an odd last row or column; what `Frame` has no place for is converted."""
    full_range = picture.format.name in _FULL_RANGE_NAMES or picture.color_range == AvColorRange.JPEG
    pixel_format = _FULL_RANGE_NAMES.get(picture.format.name, picture.format.name)
    if pixel_format not in (*_CHROMA, *_BYTES_PER_PIXEL, "nv12"):
        picture = picture.reformat(format="yuv420p")
        pixel_format = "yuv420p"
        full_range = picture.color_range == AvColorRange.JPEG
    planes = _planes(picture, pixel_format)
    color_range: ColorRange = "pc" if full_range or pixel_format == "gray" else "tv"
    width, height = picture.width & ~1, picture.height & ~1
    return Frame(planes, pixel_format, width, height, number, captured_at, color_range)


def _planes(picture: av.VideoFrame, pixel_format: str) -> tuple[Plane, ...]:
    width, height = picture.width & ~1, picture.height & ~1
    if pixel_format in _CHROMA:
        across, down = _CHROMA[pixel_format]
        chroma = [_rows(picture, plane, width // across, height // down) for plane in (1, 2)]
        return (_rows(picture, 0, width, height), *chroma)
    if pixel_format == "nv12":
        return _rows(picture, 0, width, height), _rows(picture, 1, width, height // 2)
    plane = _rows(picture, 0, width * _BYTES_PER_PIXEL[pixel_format], height)
    if pixel_format != "bgr24":
        return (plane,)
    return (np.lib.stride_tricks.as_strided(plane, (height, width, 3), (plane.strides[0], 3, 1)),)


def _rows(picture: av.VideoFrame, plane: int, row_bytes: int, rows: int) -> Plane:
    source = picture.planes[plane]
    memory: Plane = np.frombuffer(cast(memoryview, source), np.uint8)  # it has a buffer, but its stub does not say so
    return memory.reshape(source.height, source.line_size)[:rows, :row_bytes]


def frame_of_array(
    array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    pixel_format: RawFormat,
    size: tuple[int, int],
    number: int,
    captured_at: float,
) -> Frame | None:
    """A picture that OpenCV captured, `size` as (width, height); None when it has not the shape of `pixel_format`."""
    width, height = size[0] & ~1, size[1] & ~1
    rows, columns = size[1], size[0]
    flat = array.reshape(-1)
    planes: tuple[Plane, ...]
    if pixel_format in ("nv12", "yuv420p") and flat.size == rows * columns * 3 // 2:
        luma, chroma = flat[: rows * columns].reshape(rows, columns), flat[rows * columns :]
        if pixel_format == "nv12":
            planes = luma, chroma.reshape(rows // 2, columns)
        else:
            halves = chroma.reshape(2, rows // 2, columns // 2)
            planes = luma, halves[0], halves[1]
    elif pixel_format == "bgr24" and array.shape == (rows, columns, 3):
        planes = (array[:height, :width],)
    elif pixel_format in ("yuyv422", "gray") and flat.size == rows * columns * _BYTES_PER_PIXEL[pixel_format]:
        planes = (flat.reshape(rows, -1)[:height, : width * _BYTES_PER_PIXEL[pixel_format]],)
    else:
        return None
    return Frame(planes, pixel_format, width, height, number, captured_at, "pc" if pixel_format == "gray" else "tv")
