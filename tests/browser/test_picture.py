"""The viewer's picture is the camera's: it moves, and has the right size, orientation and colours."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page

from sidecar.cameras.pattern.painter import COLOR_BARS, STAMP_CELLS, color_bar
from tests.support.chromium import needs_chromium
from tests.support.videos import write_video
from tests.support.viewer import open_viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

SIZES = [(640, 360), (1280, 720)]  # without a colour description, Chromium assumes another matrix for large pictures
BRIGHT = 170
LATEST = 10_000  # milliseconds that a picture may be old on a machine that is busy
BAR_TOLERANCE = 12  # of 255: 4:2:0, H.264 and two conversions
GREY_TOLERANCE = 4


@pytest.fixture
def sidecar_arguments(tmp_path: Path) -> list[str]:
    return ["--allow-source", f"file:{tmp_path}/*"]


def rgb(y: int, u: int, v: int) -> list[float]:
    """A colour of range "tv" in R, G and B from 0 to 255 (ITU-R BT.601)."""
    luma, blue, red = 255 / 219 * (y - 16), 255 / 224 * (u - 128), 255 / 224 * (v - 128)
    return [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]


async def test_the_test_picture_moves_forward_in_time(page: Page) -> None:
    viewer = await open_viewer(page, "test:pattern")
    await viewer.frames(20)
    now = int(time.time() * 1000) % 2**STAMP_CELLS
    stamps = (await viewer.get("stamps"))[-20:]
    assert all(0 < later - earlier < LATEST for earlier, later in pairwise(stamps))
    # A strip that were mirrored, or the picture's other end, would give any number.
    assert 0 <= now - stamps[-1] < LATEST


async def test_the_picture_stands_the_right_way_up(page: Page) -> None:
    viewer = await open_viewer(page, "test:pattern")
    width, height = await viewer.size()
    # The arrow that points up: its head, in the upper half, is wider than its shaft.
    x, y, arrow = 21 * width // 32, round(3.4 * height / 18), height // 9
    area = await viewer.pixels(x, y, arrow // 2, arrow)
    bright = (area.min(axis=2) > BRIGHT).sum(axis=1)
    head, shaft = bright[2 * arrow // 5], bright[4 * arrow // 5]
    assert head > 1.5 * shaft > 0


@pytest.mark.parametrize("size", SIZES)
async def test_the_picture_has_its_size_and_its_colours(page: Page, size: tuple[int, int]) -> None:
    width, height = size
    viewer = await open_viewer(page, "test:pattern", format={"width": width, "height": height})
    assert await viewer.size() == size
    await viewer.frames(10)  # the first keyframe may be coarse
    for number, (name, yuv) in enumerate(COLOR_BARS):
        left, top, bar_width, bar_height = color_bar(width, height, number)
        middle = (left + bar_width // 4, top + bar_height // 4, bar_width // 2, bar_height // 2)
        seen = (await viewer.pixels(*middle)).mean(axis=(0, 1))
        assert np.abs(seen - rgb(*yuv)).max() <= BAR_TOLERANCE, f"{name}: {seen}, not {rgb(*yuv)}"


@pytest.mark.parametrize(("codec", "pixel_format"), [("mpeg4", "yuv420p"), ("mjpeg", "yuvj420p")])
async def test_greys_are_the_same_from_sources_of_either_range(
    page: Page, tmp_path: Path, codec: str, pixel_format: str
) -> None:
    video = write_video(tmp_path / "greys.avi", size=(320, 180), fps=20, codec=codec, pixel_format=pixel_format)
    viewer = await open_viewer(page, f"file:{video}")
    await viewer.frames(10)
    greys = set()
    for _ in range(10):
        await viewer.frames(1)
        greys.add(round(float((await viewer.pixels(100, 60, 50, 50)).mean())))
    expected = range(40, 160, 20)
    assert len({min(expected, key=lambda level: abs(level - grey)) for grey in greys}) >= 3
    for grey in greys:
        assert min(abs(level - grey) for level in expected) <= GREY_TOLERANCE, sorted(greys)
