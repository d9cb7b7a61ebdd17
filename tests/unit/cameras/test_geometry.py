"""The orientation and the size of the frame made of a picture."""

from __future__ import annotations

import struct
from fractions import Fraction
from math import ceil

import pytest

from sidecar.cameras.geometry import MAX_SIDE, UPRIGHT, Orientation, shown_size
from sidecar.media.h264.levels import LEVELS, level_for
from sidecar.media.pixel_formats import even

QUARTER_LEFT = Orientation(transposed=True, flipped=True)
QUARTER_RIGHT = Orientation(transposed=True, mirrored=True)
LEVEL_5_2 = next(level for level in LEVELS if level.name == "5.2")


def matrix(a: float, b: float, c: float, d: float) -> bytes:
    one = 1 << 16
    return struct.pack("=9i", *(round(one * value) for value in (a, b, 0, c, d, 0, 0, 0)), 1 << 30)


@pytest.mark.parametrize(
    ("of", "orientation"),
    [
        (matrix(1, 0, 0, 1), UPRIGHT),
        (matrix(0, -1, 1, 0), QUARTER_LEFT),
        (matrix(0, 1, -1, 0), QUARTER_RIGHT),
        (matrix(-1, 0, 0, -1), Orientation(mirrored=True, flipped=True)),
        (matrix(-1, 0, 0, 1), Orientation(mirrored=True)),
        (matrix(1, 0, 0, -1), Orientation(flipped=True)),
        (matrix(0, 1, 1, 0), Orientation(transposed=True)),
        (matrix(0, -1, -1, 0), Orientation(transposed=True, mirrored=True, flipped=True)),
        (matrix(0.5, 0, 0, 0.5), UPRIGHT),
        (matrix(0.17, -0.98, 0.98, 0.17), QUARTER_LEFT),
        (matrix(0, 0, 0, 0), UPRIGHT),
        (b"", UPRIGHT),
        (bytes(35), UPRIGHT),
    ],
)
def test_a_display_matrix_gives_the_orientation(of: bytes, orientation: Orientation) -> None:
    assert Orientation.from_display_matrix(of) == orientation


@pytest.mark.parametrize(
    ("stored", "aspect", "orientation", "shown"),
    [
        ((1280, 720), Fraction(1), UPRIGHT, (1280, 720)),
        ((641, 481), Fraction(1), UPRIGHT, (640, 480)),
        ((640, 480), Fraction(4, 3), UPRIGHT, (854, 480)),
        ((640, 480), Fraction(3, 4), UPRIGHT, (640, 640)),
        ((720, 576), Fraction(16, 15), UPRIGHT, (768, 576)),
        ((320, 240), Fraction(1), QUARTER_LEFT, (240, 320)),
        ((640, 480), Fraction(4, 3), QUARTER_RIGHT, (480, 854)),
        ((640, 480), Fraction(-1), UPRIGHT, (640, 480)),
        ((640, 480), Fraction(0), UPRIGHT, (640, 480)),
    ],
)
def test_pixels_are_square_and_pictures_upright(
    stored: tuple[int, int], aspect: Fraction, orientation: Orientation, shown: tuple[int, int]
) -> None:
    assert shown_size(*stored, 25.0, aspect, orientation) == shown


@pytest.mark.parametrize(
    ("stored", "fps", "shown"),
    [
        ((3840, 2160), 60.0, (3840, 2160)),
        ((4096, 2304), 30.0, (4096, 2304)),
        ((4512, 2512), 10.0, (4096, 2280)),
        ((4096, 2400), 10.0, (3994, 2340)),
        ((7680, 4320), 10.0, (4096, 2304)),
        ((3840, 2160), 120.0, (2776, 1562)),
        ((8192, 200), 10.0, (8192, 200)),
        ((100, 8000), 10.0, (100, 8000)),
        ((16_000, 100), 10.0, (8688, 54)),
    ],
)
def test_pictures_too_large_for_receivers_are_made_smaller(
    stored: tuple[int, int], fps: float, shown: tuple[int, int]
) -> None:
    assert shown_size(*stored, fps) == shown


@pytest.mark.parametrize(
    ("stored", "shown"), [((0, 0), (2, 2)), ((1, 1), (2, 2)), ((2, 2), (2, 2)), ((3, 5), (2, 4)), ((1, 20), (2, 40))]
)
def test_the_smallest_pictures_have_two_pixels_a_side(stored: tuple[int, int], shown: tuple[int, int]) -> None:
    assert shown_size(*stored, 30.0) == shown


@pytest.mark.parametrize("fps", [0.1, 30.0, 59.94, 240.0, 5000.0])
@pytest.mark.parametrize(
    "aspect", [Fraction(1), Fraction(1, 3), Fraction(1, 1000), Fraction(2**31 - 1), Fraction(7, 2)]
)
@pytest.mark.parametrize(
    "size", [(1, 1), (64, 36), (65_535, 65_535), (1, 65_535), (65_535, 2), (4512, 2512), (5000, 80)]
)
def test_the_size_is_always_even_and_within_level_5_2(size: tuple[int, int], aspect: Fraction, fps: float) -> None:
    width, height = shown_size(*size, fps, aspect)
    assert (even(width), even(height)) == (width, height) >= (2, 2)
    assert max(width, height) <= MAX_SIDE
    assert level_for(width, height, fps).level_idc <= LEVEL_5_2.level_idc


@pytest.mark.parametrize("size", [(4512, 2512), (10_240, 2880), (2592, 4608), (10_000, 4000)])
def test_a_smaller_picture_keeps_its_shape_and_is_as_large_as_can_be(size: tuple[int, int]) -> None:
    width, height = shown_size(*size, 25.0)
    assert abs(width / height - size[0] / size[1]) < 0.01 * size[0] / size[1]
    assert ceil(width / 16) * ceil(height / 16) > 0.98 * LEVEL_5_2.max_macroblocks or max(width, height) == MAX_SIDE
