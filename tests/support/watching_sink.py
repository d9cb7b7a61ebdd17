"""A sink that keeps its access units, and that a test can wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sidecar.media.access_unit import AccessUnit
from tests.support.notifications import LIMIT

Size = tuple[int, int]


class WatchingSink:
    """A sink that keeps its access units. Waits end with a TimeoutError after `LIMIT` seconds."""

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self._came = asyncio.Event()

    def push(self, access_unit: AccessUnit) -> None:
        self.units.append(access_unit)
        self._came.set()

    @property
    def sizes(self) -> set[Size]:
        """The sizes of all access units so far."""
        return {(unit.width, unit.height) for unit in self.units}

    async def next(self) -> AccessUnit:
        """Wait for the next access unit."""
        count = len(self.units)
        await self.more(1)
        return self.units[count]

    async def more(self, count: int) -> None:
        """Wait for this number of further access units."""
        wanted = len(self.units) + count
        await self._wait_for(lambda: len(self.units) >= wanted)

    async def until(self, size: Size) -> AccessUnit:
        """Wait for an access unit of this size."""
        await self._wait_for(lambda: bool(self.units) and (self.units[-1].width, self.units[-1].height) == size)
        return self.units[-1]

    async def _wait_for(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self._came.clear()
                await self._came.wait()
