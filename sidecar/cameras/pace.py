"""Frames at a steady rate."""

from __future__ import annotations

import threading
import time

SLICE = 0.05
"""The longest sleep, in seconds, between two checks whether the camera was closed."""


class Pace:
    """Deadlines on the monotonic clock, without drift: each deadline counts from the deadline before it.

    A caller that is late by more than one interval starts a new series, so that a stall is not followed by a burst.
    """

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._deadline: float | None = None

    def wait(self, interval: float) -> None:
        """Sleep until `interval` seconds after the last deadline. The first call, and a closed camera, do not wait."""
        now = time.monotonic()
        due = now if self._deadline is None else self._deadline + interval
        self._deadline = due if now - due <= interval else now
        # time.sleep is finer than 15 ms on Windows, Event.wait is not (CPython 3.11).
        while (remaining := self._deadline - time.monotonic()) > 0 and not self._closing.is_set():
            time.sleep(min(remaining, SLICE))
