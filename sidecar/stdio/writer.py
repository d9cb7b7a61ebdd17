"""Writes the wire in a thread of its own: a client that reads slowly, or has ended, never delays the event loop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Protocol

from sidecar.stdio.readiness import wait_writable


class Source(Protocol):
    """The queue that the writer empties."""

    def take(self, timeout: float | None = None) -> bytes:
        """Return the bytes to write; no bytes after `timeout` seconds, or once it is closed and empty."""

    def close(self) -> None:
        """Accept no more bytes."""


class WireWriter:
    """Writes the bytes of a source to a file descriptor.

    `on_broken` is called once, in the writer's thread, when the client has closed its end. The thread is a daemon: it
    may stay in `os.write` for ever, and must not delay the end of the process.
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
        """Close the source, write its remaining bytes within `timeout` seconds, and return whether all were written.

        It blocks: call it when the event loop has no work left.
        """
        self._source.close()
        self._thread.join(timeout)
        return not self._broken and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while data := self._source.take():
                self._write(memoryview(data))
        except OSError as exc:
            import logging  # late: the start of the program does not need it

            logging.getLogger(__name__).warning("standard output cannot be written any more (errno %s)", exc.errno)
            self._broken = True
            self._source.close()
            self._on_broken()

    def _write(self, data: memoryview) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:  # the client has made the shared pipe non-blocking
                wait_writable(self._fd)
