"""What waits to be written: filled by the event loop (or any thread), emptied by one writer thread."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

MAX_MESSAGES = 65_536
MAX_BYTES = 32 * 1024 * 1024


class Outbox:
    """A bounded queue of lines, in order.

    Nothing in it is ever dropped, but for a notification with a coalescing key that a newer one replaces. When a bound
    is passed the other side has stopped reading: `on_overflow` is called once, in the thread that posts, and whoever
    owns the outbox ends. From then on nothing is taken any more.
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
        """Queue a message; raises ValueError when it holds what is no JSON. One of the same key that waits goes."""
        line = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
        self._put(line, coalesce)

    def post_line(self, line: bytes) -> None:
        """Queue JSON text as it is, without a line end."""
        self._put(line, None)

    def take(self, timeout: float | None = None) -> bytes:
        """All that waits, each message with its line end. Empty after `timeout` seconds, or once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closed, timeout)
            data = b"".join(self._lines.values())
            self._lines.clear()
            self._bytes = 0
            return data

    def close(self) -> None:
        """Take no more messages; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._lines)

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
