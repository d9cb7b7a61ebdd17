"""The queue of lines to write: filled by the event loop or any thread, emptied by one writer thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

MAX_MESSAGES = 65_536
MAX_BYTES = 32 * 1024 * 1024


class Outbox:
    """A bounded queue of lines, in order.

    No line is dropped, except a notification with a coalescing key, which a newer one replaces. A full queue means that
    the client has stopped reading: `on_overflow` is called once, in the thread that posts, and the process has to end.
    From then on the outbox takes no line.
    """

    def __init__(
        self, on_overflow: Callable[[], None], *, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES
    ) -> None:
        self._on_overflow = on_overflow
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        # A dict keeps the order of insertion; the key is the coalescing key or a number.
        self._lines: dict[str | int, bytes] = {}
        self._bytes = 0
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()

    def post(self, message: Mapping[str, Any], *, coalesce: str | None = None) -> None:
        """Queue a message in the place of a queued one of the same key. Raises ValueError for NaN and infinities."""
        line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
        self._put(line, coalesce)

    def post_line(self, line: bytes) -> None:
        """Queue JSON text as it is, without a line end."""
        self._put(line, None)

    def take(self, timeout: float | None = None) -> bytes:
        """Return all queued lines with line ends; none after `timeout` seconds, or once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closed, timeout)
            data = b"".join(self._lines.values())
            self._lines.clear()
            self._bytes = 0
            return data

    def close(self) -> None:
        """Take no more messages; the queued ones can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """Return the number of queued messages."""
        return len(self._lines)

    @property
    def bytes_waiting(self) -> int:
        """The size of the queued messages."""
        return self._bytes

    def _put(self, line: bytes, coalesce: str | None) -> None:
        with self._changed:
            if self._closed:
                return
            self._count += 1
            key = self._count if coalesce is None else coalesce
            self._bytes -= len(self._lines.pop(key, b""))
            self._lines[key] = line + b"\n"
            self._bytes += len(line) + 1
            overflow = len(self._lines) > self._max_messages or self._bytes > self._max_bytes
            self._closed = overflow
            self._changed.notify_all()
        if overflow:
            self._on_overflow()
