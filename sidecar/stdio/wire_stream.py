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
        """Return the next piece; no bytes at the end of the stream, or when the descriptor cannot be read."""
        while (chunk := self._reader.take()) is None:
            # A piece that arrives after `take` sets the event in this loop, so after this line.
            self._arrived.clear()
            await self._arrived.wait()
        return chunk

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed before the wire
            self._loop.call_soon_threadsafe(self._arrived.set)
