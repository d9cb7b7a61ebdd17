"""The background tasks of one owner, which ends them together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """Tasks that run beside each other until they are done or cancelled."""

    def __init__(self, on_failed: Callable[[BaseException], None] | None = None) -> None:
        """`on_failed` gets the exception of a task; None: asyncio logs it."""
        self._on_failed = on_failed
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def wait(self) -> None:
        """Wait for the end of all tasks."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def cancel(self) -> None:
        """Cancel all tasks and wait for their end."""
        for task in self._running:
            task.cancel()
        await self.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._on_failed is not None and not task.cancelled() and (error := task.exception()) is not None:
            self._on_failed(error)
