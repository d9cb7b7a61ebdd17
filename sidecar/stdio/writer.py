"""Writes the wire in a thread of its own: a reader that is slow, or gone, never holds up the event loop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Protocol

from sidecar.stdio.readiness import wait_writable


class Source(Protocol):
    """The queue that the writer empties."""

    def take(self, timeout: float | None = None) -> bytes:
        """Return the bytes to write; none after `timeout` seconds, or once closed and empty."""

    def close(self) -> None:
        """Take no more bytes."""


class WireWriter:
    """Writes what a source holds to a file descriptor.

    `on_broken` is called once, in the writer's thread, when nobody reads any more. The thread is a daemon: it may stand
    in `os.write` for ever, and must not hold up the end of the process.
    """

    def __init__(self, fd: int, source: Source, on_broken: Callable[[], None]) -> None:
        self._fd = fd
        self._source = source
        self._on_broken = on_broken
        self._broken = False
        self._thread = threading.Thread(target=self._run, name="wire writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def finish(self, timeout: float) -> bool:
        """Close the source and write what it still holds, at most `timeout` seconds; whether all of it went out.

        It blocks: call it when the event loop has nothing left to do.
        """
        self._source.close()
        self._thread.join(timeout)
        return not self._broken and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while data := self._source.take():
                self._write(memoryview(data))
        except OSError as exc:
            import logging  # late: no start of the program needs it

            logging.getLogger(__name__).warning("the wire cannot be written any more (errno %s)", exc.errno)
            self._broken = True
            self._source.close()
            self._on_broken()

    def _write(self, data: memoryview) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # the other side has made the pipe they share non-blocking
                wait_writable(self._fd)
