"""How long a receiver is told to hold frames back (playout-delay RTP header extension). Pure calculation."""

from __future__ import annotations

from typing import Final

AT_ONCE: Final = (0, 0)
"""Milliseconds, least and most: Chromium then shows a frame as soon as it is decoded."""

ROUND_TRIPS: Final = 2.5
"""A lost packet that is sent again comes a round trip later, and one that is lost again two: for so many the receiver
holds frames back then. Chromium's own jitter buffer, left alone, holds back for less and stutters."""

MOST_HELD: Final = 500
MOST: Final = 2000
"""Milliseconds. Up to MOST_HELD is asked for; beyond it, up to MOST, the receiver decides (Chromium does from 500)."""

LOSS: Final = 0.01
ROUND_TRIP: Final = 0.02
"""Above both, frames come late one by one and then several at once: shown at once, they would stutter. On a shorter way
what is sent again comes within a frame's time. It is the shortest round trip that counts: where a queue makes it long,
the queue is what has to go."""

CLEAN_AFTER: Final = 15.0
"""Seconds without loss after which frames are shown at once again."""


class Playout:
    """What was asked for; otherwise AT_ONCE while the network is clean, and held back while it loses packets."""

    def __init__(self, asked: tuple[int, int] | None) -> None:
        self._asked = asked
        self._lossy_until: float | None = None
        self._round_trip_time = 0.0

    def value(self, now: float) -> tuple[int, int]:
        """(min, max) in milliseconds."""
        if self._asked is not None:
            return self._asked
        if self._lossy_until is None or now >= self._lossy_until:
            return AT_ONCE
        return min(round(100 * ROUND_TRIPS * self._round_trip_time) * 10, MOST_HELD), MOST

    def on_report(self, loss: float, round_trip_time: float, now: float) -> None:
        """A receiver report: the part that was lost (0 to 1), and the shortest round trip in seconds."""
        is_lossy = self._lossy_until is not None and now < self._lossy_until
        if loss > LOSS and (is_lossy or round_trip_time > ROUND_TRIP):
            self._lossy_until = now + CLEAN_AFTER
            self._round_trip_time = round_trip_time
