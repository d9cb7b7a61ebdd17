"""The pixel formats of frames, by FFmpeg's names."""

from __future__ import annotations

from typing import Final, Literal, get_args

PixelFormat = Literal["yuv420p", "nv12", "yuyv422", "yuv422p", "gray", "bgr24"]
"""An uncompressed pixel format that a Frame carries without conversion; the first is the cheapest to encode."""

FRAME_FORMATS: Final[tuple[PixelFormat, ...]] = get_args(PixelFormat)

BYTES_PER_PIXEL: Final = {"yuyv422": 2, "gray": 1, "bgr24": 3}
"""The pixel formats with one plane, and the bytes of a pixel."""

SUBSAMPLED: Final[tuple[PixelFormat, ...]] = ("yuv420p", "nv12", "yuyv422", "yuv422p")
"""The pixel formats with U and V samples, fewer of them than Y samples."""


def even(pixels: int) -> int:
    """Return the largest even number of pixels: 4:2:0 has no odd sizes, so an odd last row or column is cut off."""
    return pixels & ~1
