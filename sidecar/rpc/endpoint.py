"""One side of a JSON-RPC conversation: bytes in, tasks, lines out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable

from sidecar.rpc.dispatcher import Dispatcher
from sidecar.rpc.errors import invalid_request
from sidecar.rpc.framing import MAX_LINE_BYTES, LineSplitter, Oversized
from sidecar.rpc.outbox import Outbox

CANCEL_TIMEOUT = 0.2
"""Seconds that cancelled requests have to clean up."""

logger = logging.getLogger(__name__)


class Endpoint:
    """Connects splitter, dispatcher and outbox, and owns the task of each line.

    Requests start in the order of arrival and end in any order. While the dispatcher has no room for more, `feed` does
    not return, and its caller does not read the next piece: that is the back-pressure.
    """

    def __init__(self, dispatcher: Dispatcher, outbox: Outbox, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._splitter = LineSplitter(max_line_bytes)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def bytes_unsent(self) -> int:
        """The size of the answers that the client has not been sent yet."""
        return self._dispatcher.bytes_held + self._outbox.bytes_waiting

    async def feed(self, data: bytes) -> None:
        """Start the requests in `data`; returns when all of them have started."""
        await self._start_all(self._splitter.feed(data))

    async def feed_eof(self) -> None:
        """Start the last request of an ended stream; its line has no line end."""
        await self._start_all(self._splitter.end())

    async def drain(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the answers in flight; returns whether all are in the outbox."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout)
        return not self._tasks

    async def aclose(self) -> None:
        """Cancel the requests in flight; their answers, errors, are in the outbox afterwards."""
        self._dispatcher.close()
        if not await self.drain(CANCEL_TIMEOUT):
            logger.error("%d requests did not end within %g s of being cancelled", len(self._tasks), CANCEL_TIMEOUT)

    async def _start_all(self, lines: Iterable[bytes | Oversized]) -> None:
        for line in lines:
            if isinstance(line, Oversized):
                self._refuse(line)
                continue
            await self._dispatcher.wait_for_room()
            task = asyncio.create_task(self._serve(line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # A thousand short requests in one piece are served one after the other, not held all at once.
            await asyncio.sleep(0)

    async def _serve(self, line: bytes) -> None:
        answer = await self._dispatcher.handle(line)
        if answer is not None:
            self._outbox.post_line(answer)

    def _refuse(self, oversized: Oversized) -> None:
        hint = f"A line must not be longer than {oversized.limit} bytes."
        error = invalid_request(hint, {"max_bytes": oversized.limit})
        self._outbox.post_line(json.dumps(error.response(None), separators=(",", ":")).encode("ascii"))
