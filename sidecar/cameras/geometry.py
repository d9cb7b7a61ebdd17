"""The orientation and the size of the frame made of a picture. Pure calculation; docs/picture.md has the reasons."""

from __future__ import annotations

import struct
from fractions import Fraction
from math import ceil, sqrt
from typing import Final, NamedTuple

from sidecar.media.h264 import H264
from sidecar.media.pixel_formats import even

MAX_SIDE: Final = H264.decoded_level.max_side
"""The longest side of a picture that browsers decode, in pixels."""

MIN_SIDE: Final = 2
"""The shortest side, in pixels: the minimum of 4:2:0. Smaller pictures are enlarged."""

SMALLEST_CODED: Final = 16
"""The side of the smallest coded picture, one macroblock, in pixels."""

_MATRIX: Final = struct.Struct("=9i")
_SHRINK: Final = 0.995
_SQUARE: Final = Fraction(1)


class Orientation(NamedTuple):
    """The steps that make a stored picture upright, in this order.

    `transposed` exchanges rows and columns, `mirrored` then left and right, `flipped` then top and bottom. So a quarter
    turn counterclockwise is transposed and flipped, a quarter turn clockwise is transposed and mirrored.
    """

    transposed: bool = False
    mirrored: bool = False
    flipped: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: bytes) -> Orientation:
        """Return the orientation nearest to an FFmpeg display matrix.

        The matrix is nine int32 by rows; it shows a point (x, y) at (ax+cy, bx+dy). An angle between two quarter turns
        is rounded. A matrix of another length or of zeros is upright.
        """
        if len(matrix) != _MATRIX.size:
            return UPRIGHT
        a, b, _, c, d, *_ = _MATRIX.unpack(matrix)
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, mirrored=c < 0, flipped=b < 0)
        return cls(False, mirrored=a < 0, flipped=d < 0)


UPRIGHT: Final = Orientation()


def shown_size(
    width: int, height: int, fps: float, pixel_aspect: Fraction = _SQUARE, orientation: Orientation = UPRIGHT
) -> tuple[int, int]:
    """Return width and height, both even, of the upright frame with square pixels that every receiver decodes.

    Pixels that are not square are stretched along their shorter side, as browsers do. A picture that is only odd loses
    a row or a column; any other picture is scaled to the nearest even size. An unknown size (0) counts as 1.
    """
    width, height = max(width, 1), max(height, 1)
    wide, high = _squared(width, height, pixel_aspect)
    factor = _factor(wide, high, fps)
    if factor == 1 and (wide, high) == (width, height):
        size = even(width), even(height)
    else:
        size = _nearest_even(wide * factor), _nearest_even(high * factor)
        while not _is_decodable(*size, fps):
            factor *= _SHRINK
            size = _nearest_even(wide * factor), _nearest_even(high * factor)
    return size[::-1] if orientation.transposed else size


def _squared(width: int, height: int, pixel_aspect: Fraction) -> tuple[float, float]:
    if pixel_aspect <= 0 or pixel_aspect == 1:
        return width, height
    if pixel_aspect > 1:
        return float(width * pixel_aspect), height
    return width, float(height / pixel_aspect)


def _factor(width: float, height: float, fps: float) -> float:
    """Return the approximate scale of the frame, without the rounding to macroblocks."""
    if min(width, height) < MIN_SIDE:
        return min(MIN_SIDE / min(width, height), MAX_SIDE / max(width, height))
    if _is_decodable(ceil(width), ceil(height), fps):
        return 1
    pixels = H264.decoded_level.max_pixels(fps)
    return min(1, sqrt(pixels / (width * height)), MAX_SIDE / max(width, height))


def _is_decodable(width: int, height: int, fps: float) -> bool:
    if max(width, height) <= SMALLEST_CODED:
        return True  # a decoder handles no smaller picture
    return H264.decoded_level.allows(width, height, fps)


def _nearest_even(pixels: float) -> int:
    """Return the nearest even size, and MIN_SIDE at least: extremely narrow pictures become a little wider."""
    return max(2 * round(pixels / 2), MIN_SIDE)
