"""Conversions against a reference that is computed in floating point from the definitions."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.contract.errors import EncoderFailedError
from sidecar.encoding.yuv420p import Yuv420pConverter, encoded_colour
from sidecar.media.frame import Colour, Frame, Plane
from sidecar.media.pixel_formats import even
from tests.support.h264 import planes

SIZES = [(64, 36), (66, 34), (322, 182), (1278, 18), (65, 37)]
random = np.random.default_rng(5)


def noise(height: int, width: int, *more: int) -> Plane:
    """Rows with padding between them, as drivers give them."""
    return random.integers(0, 256, (height, width + 6, *more)).astype(np.uint8)[:, :width]


def converted(pixel_format: str, width: int, height: int, *source: Plane) -> tuple[Plane, ...]:
    frame = Frame(source, pixel_format, width, height, 0, 1.0)
    picture = Yuv420pConverter(even(width), even(height)).convert(frame)
    assert (picture.width, picture.height, picture.format.name) == (even(width), even(height), "yuv420p")
    return planes(picture)


def rounded_mean_of_row_pairs(plane: Plane) -> Plane:
    return ((plane[0::2].astype(int) + plane[1::2] + 1) // 2).astype(np.uint8)


def assert_same(result: tuple[Plane, ...], *expected: Plane) -> None:
    for got, wanted in zip(result, expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_yuv420p_is_copied(width: int, height: int) -> None:
    w, h = even(width), even(height)
    source = noise(height, width), noise(-(-height // 2), -(-width // 2)), noise(-(-height // 2), -(-width // 2))
    result = converted("yuv420p", width, height, *source)
    assert_same(result, source[0][:h, :w], *(plane[: h // 2, : w // 2] for plane in source[1:]))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nv12_is_taken_apart(width: int, height: int) -> None:
    w, h = even(width), even(height)
    y, uv = noise(height, width), noise(-(-height // 2), 2 * -(-width // 2))
    result = converted("nv12", width, height, y, uv)
    assert_same(result, y[:h, :w], uv[: h // 2, 0:w:2], uv[: h // 2, 1:w:2])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_yuyv422_is_taken_apart_and_its_chroma_averaged(width: int, height: int) -> None:
    w, h = even(width), even(height)
    packed = noise(height, 4 * -(-width // 2))
    result = converted("yuyv422", width, height, packed)
    packed = packed[:h, : 2 * w]
    np.testing.assert_array_equal(result[0], packed[:, 0::2])
    for chroma, samples in zip(result[1:], (packed[:, 1::4], packed[:, 3::4]), strict=True):
        # libswscale rounds halves up in its vector code, and down in the remainder of a row.
        assert np.abs(chroma - samples.reshape(h // 2, 2, w // 2).mean(axis=1)).max() <= 0.5


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_chroma_of_yuv422p_is_averaged(width: int, height: int) -> None:
    w, h = even(width), even(height)
    y, u, v = noise(height, width), noise(height, -(-width // 2)), noise(height, -(-width // 2))
    result = converted("yuv422p", width, height, y, u, v)
    assert_same(
        result,
        y[:h, :w],
        rounded_mean_of_row_pairs(u[:h, : w // 2]),
        rounded_mean_of_row_pairs(v[:h, : w // 2]),
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_gray_has_no_colour(width: int, height: int) -> None:
    w, h = even(width), even(height)
    y = noise(height, width)
    middle = np.full((h // 2, w // 2), 128, np.uint8)
    assert_same(converted("gray", width, height, y), y[:h, :w], middle, middle)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_bgr24_follows_bt601_within_rounding(width: int, height: int) -> None:
    w, h = even(width), even(height)
    bgr = noise(height, width, 3)
    y, u, v = converted("bgr24", width, height, bgr)
    b, g, r = (bgr[:h, :w, channel] / 255 for channel in range(3))
    assert np.abs(y - (16 + 65.481 * r + 128.553 * g + 24.966 * b)).max() < 1
    b, g, r = (channel[0::2, 0::2] for channel in (b, g, r))
    assert np.abs(u - (128 - 37.797 * r - 74.203 * g + 112 * b)).max() < 1
    assert np.abs(v - (128 + 112 * r - 93.786 * g - 18.214 * b)).max() < 1


def test_a_second_frame_leaves_nothing_of_the_first() -> None:
    converter = Yuv420pConverter(64, 36)
    for _ in range(2):
        source = noise(36, 64), noise(18, 32), noise(18, 32)
        assert_same(planes(converter.convert(Frame(source, "yuv420p", 64, 36, 0, 1.0))), *source)


def test_an_unknown_pixel_format_is_named() -> None:
    with pytest.raises(EncoderFailedError, match="bayer_rggb8") as caught:
        converted("bayer_rggb8", 64, 36, noise(36, 64))
    assert caught.value.details is not None and "nv12" in caught.value.details["supported"]


def test_rgb_is_encoded_in_the_narrow_range_and_yuv_in_its_own() -> None:
    picture = (noise(36, 64),)
    assert encoded_colour(Frame(picture, "bgr24", 64, 36, 0, 1.0, "pc")) == Colour("tv", "bt601")
    assert encoded_colour(Frame(picture, "yuv420p", 64, 36, 0, 1.0, "pc", "bt709")) == Colour("pc", "bt709")
