"""Reads the wire in a thread of its own, because no event loop can wait for a pipe on every system.

The thread is a daemon: `os.read` cannot be interrupted, and must not delay the end of the process.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

from sidecar.stdio.readiness import wait_readable

CHUNK_BYTES = 64 * 1024
MAX_CHUNKS = 16

Sieve = Callable[[bytes], bytes]
Watch = Callable[[bytes], None]


class WireReader:
    """The bytes of a file descriptor, in order; at most MAX_CHUNKS pieces are read ahead.

    Two functions are called in the reader's thread. `watch` gets each piece before `take` returns it, and an empty
    piece at the end of the stream. `sieve` gets each piece until an event loop listens, and returns the bytes for
    `take`.
    """

    def __init__(self, fd: int, sieve: Sieve | None = None, watch: Watch | None = None) -> None:
        self._fd = fd
        self._sieve = sieve
        self._watch = watch
        self._chunks: deque[bytes] = deque()
        self._eof = False
        self._room = threading.Semaphore(MAX_CHUNKS)
        self._stopped = False
        self._lock = threading.Lock()
        self._on_arrival: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="wire reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def listen(self, on_arrival: Callable[[], None]) -> None:
        """Hand over to an event loop: any thread calls `on_arrival` when `take` has a new result."""
        with self._lock:
            self._sieve = None
            self._on_arrival = on_arrival
        on_arrival()

    def take(self) -> bytes | None:
        """Return the next piece, None when none has arrived yet, or no bytes at the end of the stream or on failure."""
        with self._lock:
            if self._chunks:
                self._room.release()
                return self._chunks.popleft()
            return b"" if self._eof else None

    def stop(self) -> None:
        """Read no further; `take` then returns the pieces read so far and the end. The descriptor stays open."""
        self._stopped = True
        self._room.release()
        self._deliver(b"")

    def _run(self) -> None:
        while chunk := self._next_chunk():
            self._tell_watch(chunk)
            sieve = self._sieve  # read once: `listen` may remove it at any moment
            rest = sieve(chunk) if sieve is not None else chunk
            if rest:
                self._deliver(rest)
            else:
                self._room.release()
        if not self._stopped:
            self._tell_watch(b"")
        self._deliver(b"")

    def _tell_watch(self, chunk: bytes) -> None:
        if self._watch is not None:
            self._watch(chunk)

    def _next_chunk(self) -> bytes:
        self._room.acquire()
        while not self._stopped:
            try:
                return os.read(self._fd, CHUNK_BYTES)
            except BlockingIOError:  # the client has made the shared pipe non-blocking
                wait_readable(self._fd)
            except OSError as exc:
                import logging  # late: the start of the program does not need it

                logging.getLogger(__name__).warning("standard input cannot be read any more (errno %s)", exc.errno)
                return b""
        return b""

    def _deliver(self, chunk: bytes) -> None:
        with self._lock:
            if chunk:
                self._chunks.append(chunk)
            else:
                self._eof = True
            on_arrival = self._on_arrival
        if on_arrival is not None:
            on_arrival()
