"""Frames made of the arrays of OpenCV, without a copy."""

from __future__ import annotations

from typing import Literal, TypeAlias

import av
import numpy as np

from sidecar.media.frame import Frame, Plane
from sidecar.media.pixel_formats import BYTES_PER_PIXEL

RawFormat = Literal["bgr24", "yuyv422", "nv12", "yuv420p", "gray"]
"""The pixel formats that OpenCV captures."""

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"


def picture_of_array(array: Array, pixel_format: RawFormat, size: tuple[int, int]) -> av.VideoFrame:
    """Return a copy of an OpenCV picture for libav; the arguments are those of `frame_of_array`."""
    width, height = size
    shapes: dict[str, tuple[int, ...]] = {
        "bgr24": (height, width, 3),
        "yuyv422": (height, width, 2),
        "gray": (height, width),
    }
    shaped = array.reshape(shapes.get(pixel_format, (height * 3 // 2, width)))
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(shaped), format=pixel_format)


def frame_of_array(
    array: Array,
    pixel_format: RawFormat,
    size: tuple[int, int],
    number: int,
    captured_at: float,
) -> Frame | None:
    """Return the frame of a picture that OpenCV captured, without a copy; `size` is (width, height) in pixels.

    None when the array does not have the shape of `pixel_format`.
    """
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
    elif pixel_format in ("yuyv422", "gray") and flat.size == rows * columns * BYTES_PER_PIXEL[pixel_format]:
        planes = (flat.reshape(rows, -1)[:height, : width * BYTES_PER_PIXEL[pixel_format]],)
    else:
        return None
    return Frame(planes, pixel_format, width, height, number, captured_at, "pc" if pixel_format == "gray" else "tv")
