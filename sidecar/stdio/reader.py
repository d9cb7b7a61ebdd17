"""Reads the wire in a thread of its own, because no event loop can wait for a pipe on every system.

The thread is a daemon: nothing can interrupt it in `os.read`, and it must not hold up the end of the process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque

from sidecar.stdio.readiness import wait_readable

CHUNK_BYTES = 64 * 1024
MAX_CHUNKS = 16

logger = logging.getLogger(__name__)


class WireReader:
    """The bytes of a file descriptor, in order, for one event loop; at most MAX_CHUNKS pieces are read ahead."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop: asyncio.AbstractEventLoop | None = None
        self._chunks: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._eof = False
        self._room = threading.Semaphore(MAX_CHUNKS)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="wire reader", daemon=True)

    def start(self) -> None:
        """Begin to read, for the event loop that runs now."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def read(self) -> bytes:
        """The next piece; empty once the other side has closed its end, or the descriptor cannot be read."""
        await self._arrived.wait()
        if not self._chunks:
            return b""
        chunk = self._chunks.popleft()
        if not self._chunks and not self._eof:
            self._arrived.clear()
        self._room.release()
        return chunk

    def stop(self) -> None:
        """Read no further; `read` then gives what has come, and after that nothing. The descriptor stays open."""
        self._stopped = True
        self._room.release()
        self._deliver(b"")

    def _run(self) -> None:
        assert self._loop is not None
        try:
            while chunk := self._next_chunk():
                self._loop.call_soon_threadsafe(self._deliver, chunk)
            self._loop.call_soon_threadsafe(self._deliver, b"")
        except RuntimeError:
            logger.debug("the event loop ended before the wire did")

    def _next_chunk(self) -> bytes:
        self._room.acquire()
        while not self._stopped:
            try:
                return os.read(self._fd, CHUNK_BYTES)
            except BlockingIOError:  # the other side has made the pipe they share non-blocking
                wait_readable(self._fd)
            except OSError as exc:
                logger.warning("the wire cannot be read any more (errno %s)", exc.errno)
                return b""
        return b""

    def _deliver(self, chunk: bytes) -> None:
        if chunk:
            self._chunks.append(chunk)
        else:
            self._eof = True
        self._arrived.set()
