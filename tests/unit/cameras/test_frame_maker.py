"""Making frames of a library's pictures."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from sidecar.cameras.frame_maker import RAW_CODEC, FrameMaker
from sidecar.cameras.opencv_frames import RawFormat, frame_of_array
from sidecar.media.frame import Colour

PLANES: dict[str, list[tuple[int, ...]]] = {
    "yuv420p": [(6, 10), (3, 5), (3, 5)],
    "yuv422p": [(6, 10), (6, 5), (6, 5)],
    "nv12": [(6, 10), (3, 10)],
    "yuyv422": [(6, 20)],
    "gray": [(6, 10)],
    "bgr24": [(6, 10, 3)],
}


@pytest.mark.parametrize("pixel_format", PLANES)
def test_a_picture_of_libav_keeps_its_pixels_and_format(pixel_format: str) -> None:
    random = np.random.default_rng(3).integers(0, 256, (6, 10, 3), np.uint8)
    picture = av.VideoFrame.from_ndarray(random, format="bgr24").reformat(format=pixel_format)
    frame = FrameMaker(30.0, RAW_CODEC, is_captured=True).frame(picture, number=4, captured_at=1.5)
    assert (frame.pixel_format, frame.width, frame.height) == (pixel_format, 10, 6)
    assert (frame.number, frame.captured_at) == (4, 1.5)
    assert [plane.shape for plane in frame.planes] == PLANES[pixel_format]
    for number, plane in enumerate(frame.planes):
        source = picture.planes[number]
        rows = plane.reshape(plane.shape[0], -1)
        start = 2 * source.line_size
        assert bytes(rows[2]) == bytes(cast(bytes, source))[start : start + rows.shape[1]]


def test_planes_share_the_picture_s_memory() -> None:
    picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24").reformat(format="yuv420p")
    frame = FrameMaker(30.0, RAW_CODEC, is_captured=True).frame(picture, 0, 0.0)
    picture.planes[0].update(bytes([77]) * picture.planes[0].buffer_size)
    assert (frame.planes[0] == 77).all()


@pytest.mark.parametrize("height", [480, 720, 1080])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuyv422", "uyvy422"])
def test_raw_pictures_of_cameras_that_name_no_colour_are_limited_bt601_of_any_size(
    pixel_format: str, height: int
) -> None:
    picture = av.VideoFrame(64, height, pixel_format)
    captured = FrameMaker(30.0, RAW_CODEC, is_captured=True).frame(picture, 0, 0.0)
    assert captured.colour == Colour("tv", "bt601")


@pytest.mark.parametrize("is_captured", [True, False])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuyv422", "uyvy422"])
def test_raw_pictures_of_limited_bt709_get_the_full_range(pixel_format: str, is_captured: bool) -> None:
    picture = av.VideoFrame(64, 48, pixel_format)
    picture.colorspace, picture.color_range = Colorspace.ITU709, ColorRange.MPEG
    frame = FrameMaker(30.0, RAW_CODEC, is_captured=is_captured).frame(picture, 0, 0.0)
    assert frame.colour == Colour("pc", "bt709")


def test_raw_video_of_a_file_gets_the_full_range() -> None:
    picture = av.VideoFrame(64, 48, "yuv420p")
    assert FrameMaker(30.0, RAW_CODEC).frame(picture, 0, 0.0).colour == Colour("pc", "bt601")


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuyv422", "gray", "bgr24"])
def test_an_array_of_opencv_becomes_the_same_planes(pixel_format: RawFormat) -> None:
    size = sum(int(np.prod(shape)) for shape in PLANES[pixel_format])
    flat = np.arange(size, dtype=np.uint8)
    shapes: dict[str, tuple[int, ...]] = {"bgr24": (6, 10, 3), "yuyv422": (6, 10, 2), "gray": (6, 10)}
    frame = frame_of_array(flat.reshape(shapes.get(pixel_format, (9, 10))), pixel_format, (10, 6), 0, 0.0)
    assert frame is not None
    assert [plane.shape for plane in frame.planes] == PLANES[pixel_format]
    assert (np.concatenate([plane.reshape(-1) for plane in frame.planes]) == flat).all()


def test_an_array_of_another_size_is_refused() -> None:
    assert frame_of_array(np.zeros((1, 5000), np.uint8), "yuyv422", (10, 6), 0, 0.0) is None


def test_grey_pictures_have_the_full_range() -> None:
    frame = frame_of_array(np.zeros((6, 10), np.uint8), "gray", (10, 6), 0, 0.0)
    assert frame is not None
    assert frame.color_range == "pc"
