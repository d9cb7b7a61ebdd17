"""One camera and two browsers with a link each: a thin link takes nothing from the viewer with a wide one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from benchmark.links import WIDE, Ends, over_cable
from benchmark.receiver import open_receiver
from benchmark.sender import running
from benchmark.shown import Shown

from tests.support.chromium import CHROMIUM, needs_chromium
from tests.support.namespaces import needs_namespaces
from tests.support.thin_link import two_cables

pytestmark = [needs_namespaces, needs_chromium, pytest.mark.timeout(240)]

SIZE = (640, 360)
THIN = 300_000
"""Bits per second: far less than half of the bitrate on the wide link for a picture of this size."""

MOVED_WITHIN = 30.0
"""Seconds until the viewer of the thin link has an encoding of its own, or none any more."""

LOOK = 0.2
FEWEST_FPS = 5.0
LONGEST_FREEZE = 2.0
"""Seconds. Two browsers and two encoders share a machine that others use as well; at rest it is 25 a second, and 0.2 s
without a new picture."""


@pytest.fixture
def loopback_viewer() -> None:
    """No aiortc peer takes part here."""


@pytest.fixture
async def wide_and_thin(tmp_path: Path) -> AsyncIterator[tuple[Ends, Ends]]:
    """Two browsers, each at the end of a cable of its own, and one sidecar. Both cables are wide."""
    picture = {"width": SIZE[0], "height": SIZE[1], "fps": 30}
    async with AsyncExitStack() as stack:
        cables = await stack.enter_async_context(two_cables())
        sender = await stack.enter_async_context(
            running("sidecar", lambda command: cables[0].sender.command(*command), picture)
        )
        ends = []
        for number, cable in enumerate(cables):
            await cable.limit(WIDE)
            script = cable.viewer.script(tmp_path / f"chromium-{number}", str(CHROMIUM))
            ends.append(Ends(cable, sender, await stack.enter_async_context(open_receiver(str(script)))))
        yield ends[0], ends[1]


async def encodings(ends: Ends) -> list[str]:
    """On which encoding each viewer is, in the order of their coming."""
    return [connection["encoding"] for connection in (await ends.sender.stats())["connections"]]


async def until_encodings(ends: Ends, wanted: list[str]) -> None:
    async with asyncio.timeout(MOVED_WITHIN):
        while await encodings(ends) != wanted:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(LOOK)


async def watch(ends: tuple[Ends, Ends], seconds: float) -> list[Shown]:
    """Return the pictures that both show in the next seconds."""
    for one in ends:
        await one.receiver.restart()
    since = time.time()
    await asyncio.sleep(seconds)
    return [Shown(await one.receiver.shown(), since, time.time()) for one in ends]


async def test_a_viewer_of_a_thin_link_gets_an_encoding_of_its_own_and_the_other_keeps_its_picture(
    wide_and_thin: tuple[Ends, Ends],
) -> None:
    wide, thin = wide_and_thin
    async with over_cable(wide), over_cable(thin):
        await until_encodings(wide, ["full", "full"])
        await thin.cable.limit(THIN)
        await until_encodings(wide, ["full", "reduced"])
        shown_wide, shown_thin = await watch(wide_and_thin, 6)
        found = await camera(wide)
        assert (found["width"], found["height"]) == SIZE
        assert found["target_bitrate"] > 1.3 * THIN > found["reduced"]["target_bitrate"]
        assert min(shown_wide.fps, shown_thin.fps) > FEWEST_FPS
        assert shown_wide.longest_gap < LONGEST_FREEZE
        await thin.cable.limit(WIDE)
        await until_encodings(wide, ["full", "full"])


async def camera(ends: Ends) -> dict[str, Any]:
    (found,) = (await ends.sender.stats())["cameras"]
    assert isinstance(found, dict)
    return found
