"""Collects notifications and waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

LIMIT = 10.0
"""Seconds: far longer than any awaited notification takes, so that only a missing one fails."""


class Notifications:
    """A `Notify` that remembers."""

    def __init__(self) -> None:
        self.all: list[tuple[str, dict[str, Any]]] = []
        self._came = asyncio.Event()

    def __call__(self, event: str, params: BaseModel) -> None:
        self.all.append((event, params.model_dump()))
        self._came.set()

    def of(self, event: str) -> list[dict[str, Any]]:
        """The parameters of each notification of this name so far."""
        return [params for name, params in self.all if name == event]

    async def wait_for(self, event: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The first one, past or to come, that fits."""
        return (await self.wait_for_count(event, 1, where))[0]

    async def wait_for_count(
        self, event: str, count: int, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        """All that fit, past or to come, when there are `count`."""
        async with asyncio.timeout(LIMIT):
            while True:
                self._came.clear()
                fitting = [params for params in self.of(event) if where(params)]
                if len(fitting) >= count:
                    return fitting
                await self._came.wait()
