"""How long a receiver is told to hold frames back (playout-delay RTP header extension). Pure calculation."""

from __future__ import annotations

from typing import Final

AT_ONCE: Final = (0, 0)
"""Milliseconds, least and most: Chromium then shows a frame as soon as it is decoded."""

AS_NEEDED: Final = (0, 2000)
"""Chromium's jitter buffer then decides (it does from 500 ms on), and waits for what is sent again."""

LOSS: Final = 0.01
ROUND_TRIP: Final = 0.02
"""Above both, frames come late one by one and then several at once: shown at once, they would stutter. On a shorter way
what is sent again comes within a frame's time. It is the shortest round trip that counts: where a queue makes it long,
the queue is what has to go."""

CLEAN_AFTER: Final = 15.0
"""Seconds without loss after which frames are shown at once again."""


class Playout:
    """What was asked for; otherwise AT_ONCE while the network is clean, and AS_NEEDED while it loses packets."""

    def __init__(self, asked: tuple[int, int] | None) -> None:
        self._asked = asked
        self._lossy_until: float | None = None

    def value(self, now: float) -> tuple[int, int]:
        """(min, max) in milliseconds."""
        if self._asked is not None:
            return self._asked
        return AS_NEEDED if self._lossy_until is not None and now < self._lossy_until else AT_ONCE

    def on_report(self, loss: float, round_trip_time: float, now: float) -> None:
        """A receiver report: the part that was lost (0 to 1), and the shortest round trip in seconds."""
        is_lossy = self._lossy_until is not None and now < self._lossy_until
        if loss > LOSS and (is_lossy or round_trip_time > ROUND_TRIP):
            self._lossy_until = now + CLEAN_AFTER
