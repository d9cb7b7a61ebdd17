"""Pictures of any size arrive in Chromium over WebRTC, which decodes no larger ones than H.264 level 5.2 allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.support.charts import ffmpeg
from tests.support.chromium import needs_chromium
from tests.support.viewer import Viewer, open_viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

GREEN_WIDE_OF_RED = "color=c=0x00bf00:s={half}x{height}:r=5:d=1[a];color=c=0xbf0000:s={half}x{height}:r=5:d=1[b]"
SIDES = [(0.25, (0, 191, 0)), (0.75, (191, 0, 0))]
TOLERANCE = 6  # of 255: they are scaled as well

SIZES = [
    ((4512, 2512), (4096, 2280)),
    ((4096, 2400), (3994, 2340)),
    ((7680, 4320), (4096, 2304)),
    ((8192, 200), (8192, 200)),
    ((100, 8000), (100, 8000)),
    ((64, 2), (64, 2)),
    ((16, 16), (16, 16)),
    ((4, 2), (4, 2)),
]


@pytest.fixture
def sidecar_arguments(tmp_path: Path) -> list[str]:
    return ["--allow-source", f"file:{tmp_path}/*"]


def write(path: Path, width: int, height: int) -> Path:
    """Write a picture with a green left half and a red right half."""
    sources = GREEN_WIDE_OF_RED.format(half=width // 2, height=height)
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    colours = "format=gbrp,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    ffmpeg("-filter_complex", f"{sources};[a][b]hstack,{colours}", *options, str(path))
    return path


async def colours(viewer: Viewer) -> list[tuple[int, ...]]:
    width, height = await viewer.size()
    return [tuple((await viewer.pixels(int(x * width), height // 2, 1, 1))[0, 0].tolist()) for x, _ in SIDES]


@pytest.mark.parametrize(("size", "shown"), SIZES)
async def test_a_picture_of_any_size_is_shown(
    page: Page, tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    viewer = await open_viewer(page, f"file:{write(tmp_path / 'sides.mkv', *size)}")
    await viewer.frames(3)
    assert await viewer.size() == shown
    for seen, (_, colour) in zip(await colours(viewer), SIDES, strict=True):
        assert max(abs(one - other) for one, other in zip(seen, colour, strict=True)) <= TOLERANCE, seen
