"""The wire's bytes for an event loop."""

from __future__ import annotations

import asyncio
import contextlib

from sidecar.stdio.reader import WireReader


class WireStream:
    """The pieces of a WireReader for the running event loop; one stream for each reader."""

    def __init__(self, reader: WireReader) -> None:
        self._reader = reader
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        reader.listen(self._tell)

    async def read(self) -> bytes:
        """The next piece; empty once the other side has closed its end, or the descriptor cannot be read."""
        while (chunk := self._reader.take()) is None:
            # What comes after `take` sets the event on this loop, so after this line.
            self._arrived.clear()
            await self._arrived.wait()
        return chunk

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed before the wire was
            self._loop.call_soon_threadsafe(self._arrived.set)
