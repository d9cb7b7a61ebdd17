"""The measurement of one outage between the sidecar and Chromium in two network namespaces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.async_api import Browser

from sidecar.client import SidecarClient
from tests.support.cable import MOVED_ADDRESS, SIDECAR_ADDRESS, Network, Where, network
from tests.support.carrier import Carrier, carried
from tests.support.chromium import CHROMIUM, Pages, chromium
from tests.support.player import Player, show_camera
from tests.support.sidecar_process import ROOT, sidecar_command

FPS = 30
STEADY_SECONDS = 2.0
"""Before the outage, so that the picture is as it always is."""

AFTER_SECONDS = 4.0
PATIENCE = 60.0

KEEP_TIMES = "{ view.times = []; view.onFrame(() => view.times.push(Date.now() / 1000)); }"


@dataclass(frozen=True)
class Outage:
    """A cable pulled for some seconds; with `where` None, the sidecar's machine gets another address."""

    where: Where | None
    seconds: float = 0.0

    @property
    def title(self) -> str:
        """The title of the table's row."""
        if self.where is None:
            return "address of the sidecar's machine changed"
        place = "between the two" if self.where == "middle" else f"of the {self.where}'s machine"
        return f"cable {place} out for {self.seconds:g} s"


@dataclass(frozen=True)
class Figures:
    """Seconds: `noticed` from the outage's beginning, `connected` and `picture` from its end; None: did not occur."""

    noticed: float | None
    connected: float | None
    picture: float
    longest_freeze: float
    frames_lost: int
    generation: int


@asynccontextmanager
async def machines(folder: Path) -> AsyncIterator[tuple[Network, Browser]]:
    """Two network namespaces with a network between them, and a browser in one."""
    async with network(folder) as made:
        script = made.viewer.script(folder / "chromium", str(CHROMIUM))
        async with chromium(program=script) as browser:
            yield made, browser


async def measure(made: Network, browser: Browser, outage: Outage) -> Figures:
    """Measure one outage with a new sidecar and a new page."""
    command = made.sidecar.command(*sidecar_command(None))
    async with SidecarClient.start(command, cwd=str(ROOT)) as client, carried(client) as carrier:
        pages = Pages(browser, carrier)
        try:
            player = await show_camera(await pages.open(), format={"width": 1280, "height": 720})
            await player.get(KEEP_TIMES)
            await asyncio.sleep(STEADY_SECONDS)
            return await _through(made, carrier, player, outage)
        finally:
            await pages.close()


async def _through(made: Network, carrier: Carrier, player: Player, outage: Outage) -> Figures:
    states: dict[str, float] = {}
    seen = len(carrier.of("connection_state"))
    noting = asyncio.create_task(_note(carrier, seen, states))
    began = time.time()
    if outage.where is None:
        await made.move(SIDECAR_ADDRESS, MOVED_ADDRESS)
        ended = began
    else:
        await made.pull(outage.where)
        await asyncio.sleep(outage.seconds)
        await made.plug(outage.where)
        ended = time.time()
    try:
        async with asyncio.timeout(PATIENCE):
            times = await _times(player)
            while not times or times[-1] < max(ended, states.get("connected", 0.0)) + 0.5:
                await asyncio.sleep(0.2)
                times = await _times(player)
        await asyncio.sleep(AFTER_SECONDS)
        times = await _times(player)
    finally:
        noting.cancel()
        if outage.where is None:
            await made.move(MOVED_ADDRESS, SIDECAR_ADDRESS)
    return figures(times, states, began, ended, carrier.of("connection_state")[-1]["generation"])


async def _times(player: Player) -> list[float]:
    times: list[float] = await player.get("view.times")
    return times


async def _note(carrier: Carrier, seen: int, states: dict[str, float]) -> None:
    """Note the time of each connection state's first occurrence after the outage began."""
    while True:
        for event in carrier.of("connection_state")[seen:]:
            states.setdefault(event["state"], time.time())
        await asyncio.sleep(0.02)


def figures(times: list[float], states: dict[str, float], began: float, ended: float, generation: int) -> Figures:
    """Calculate the figures; all times are seconds since the epoch."""
    during = [at for at in times if at > began - 1.0]
    freeze, until = max((after - before, after) for before, after in pairwise(during))
    lasted = during[-1] - during[0]
    return Figures(
        noticed=states["disconnected"] - began if "disconnected" in states else None,
        connected=states["connected"] - ended if "connected" in states else None,
        picture=until - ended,
        longest_freeze=freeze,
        frames_lost=max(0, round(lasted * FPS) - len(during) + 1),
        generation=generation,
    )
