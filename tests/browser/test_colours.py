"""The colour table: a chart's colours as they reach a page in Chromium, over WebRTC and over the local stream."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.support.charts import TABLE, Recording, worst_error
from tests.support.chromium import needs_chromium
from tests.support.player import show_camera
from tests.support.viewer import open_viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

TOLERANCE = 4  # of 255

PATCHES = """async (view, centres) => {
  const { width, height } = view.element;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(view.element, 0, 0);
  const pixel = ([x, y]) => [...context.getImageData(x * width, y * height, 1, 1).data];
  return { size: [width, height], seen: centres.map(pixel) };
}"""


@pytest.fixture
def sidecar_arguments(tmp_path: Path) -> list[str]:
    return ["--allow-source", f"file:{tmp_path}/*"]


@pytest.mark.parametrize("recording", TABLE, ids=str)
async def test_colours_arrive_over_webrtc(page: Page, tmp_path: Path, recording: Recording) -> None:
    viewer = await open_viewer(page, f"file:{recording.write(tmp_path)}")
    await viewer.frames(15)  # the first keyframe may be coarse
    width, height = await viewer.size()
    points = [(int(x * width), int(y * height)) for x, y in recording.centres()]
    seen = [tuple((await viewer.pixels(x, y, 1, 1))[0, 0]) for x, y in points]
    assert (width, height) == recording.shown_size
    assert worst_error(seen, recording) <= TOLERANCE, seen


@pytest.mark.parametrize("recording", TABLE, ids=str)
async def test_colours_arrive_over_the_local_stream(page: Page, tmp_path: Path, recording: Recording) -> None:
    player = await show_camera(page, f"file:{recording.write(tmp_path)}", transport="local")
    await player.frame_rate(15)  # the first keyframe may be coarse
    found = await player.handle.evaluate(PATCHES, recording.centres())
    assert tuple(found["size"]) == recording.shown_size
    assert worst_error(found["seen"], recording) <= TOLERANCE, found["seen"]
