"""Another format of the camera under a watching Chromium, over one connection, and photos of the camera."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.viewer import Viewer, open_viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

VGA, HD, LEVEL_4 = (640, 480), (1280, 720), (1920, 1080)
LONGEST_GAP = 1.0
"""Seconds without a new picture that the contract allows for a change of the format."""

RECORD = """viewer => {
    viewer.seen = [];
    const see = (now, { width, height }) => {
        viewer.seen.push([width, height, now]);
        viewer.video.requestVideoFrameCallback(see);
    };
    viewer.video.requestVideoFrameCallback(see);
}"""


async def session_of(carrier: Carrier, viewer: Viewer) -> str:
    stats = await carrier.client.call("get_stats", {"connection_id": viewer.connection_id})
    return str(stats["connections"][0]["session_id"])


async def change(carrier: Carrier, viewer: Viewer, session_id: str, size: tuple[int, int]) -> dict[str, Any]:
    """Change the format, and wait until the page shows it."""
    wanted = {"width": size[0], "height": size[1]}
    changed: dict[str, Any] = await carrier.client.call("set_format", {"session_id": session_id, "format": wanted})
    while await viewer.size() != size:
        await viewer.frames(1)
    await viewer.frames(10)
    return changed


@pytest.mark.parametrize("larger", [HD, LEVEL_4], ids=["720p", "1080p"])
async def test_a_page_sees_the_old_and_the_new_size_only_and_misses_pictures_for_a_second_at_most(
    page: Page, carrier: Carrier, larger: tuple[int, int]
) -> None:
    viewer = await open_viewer(page, "test:pattern", format={"width": 640, "height": 480, "fps": 30})
    session_id = await session_of(carrier, viewer)
    await viewer.handle.evaluate(RECORD)
    await viewer.frames(10)
    for size in (larger, VGA):
        changed = await change(carrier, viewer, session_id, size)
        assert (changed["format"]["width"], changed["format"]["height"]) == size
        stats = await carrier.client.call("get_stats", {"connection_id": viewer.connection_id})
        (camera,), (connection,) = stats["cameras"], stats["connections"]
        assert (camera["format"]["width"], camera["width"], connection["reconnections"]) == (size[0], size[0], 0)
    seen = await viewer.get("seen")
    assert [size for size, _ in groupby((width, height) for width, height, _ in seen)] == [VGA, larger, VGA]
    times = [now for _, _, now in seen]
    assert max(after - before for before, after in pairwise(times)) <= 1000 * LONGEST_GAP
