"""Round-trip times: the queueing delay of viewers without other feedback, and the delays of the current path."""

from __future__ import annotations

from collections import deque
from typing import Final

HIGH_QUEUEING_DELAY: Final = 0.12
"""Seconds that a round trip may take longer than the shortest one before a queue is the cause."""

DRAINING: Final = 0.6
"""A round trip of less than this part of the last round trip shows that the last decrease shortens the queue."""

MAX_IN_VAIN: Final = 4
"""The number of decreases without a shorter round trip after which the delay counts as the path's own."""

WINDOW: Final = 30
"""The number of measurements, about one a second, whose shortest is the base; older ones may be of another path."""


class PathDelays:
    """The measured delays of the path, in seconds; None before the first round trip.

    `round_trip_time` is the latest, `shortest_round_trip` the shortest on this path. `queueing_delay` is that of the
    packet that arrived last.
    """

    def __init__(self) -> None:
        self.round_trip_time: float | None = None
        self.shortest_round_trip: float | None = None
        self.queueing_delay = 0.0

    def on_round_trip(self, seconds: float) -> None:
        """Take a measurement."""
        self.round_trip_time = seconds
        self.shortest_round_trip = min(self.shortest_round_trip or seconds, seconds)

    def forget_path(self) -> None:
        """Forget the shortest round trip: the next packets may take another path."""
        self.shortest_round_trip = None

    def feedback_delay(self, sent_at: float | None, now: float) -> float:
        """Return the seconds by which feedback that arrives now is later than a round trip; 0 if unknown."""
        if sent_at is None or self.shortest_round_trip is None:
            return 0.0
        return max(now - sent_at - self.shortest_round_trip, 0.0)


class RoundTripTimes:
    """The recent round-trip times, and whether they show a standing queue."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._in_vain = 0

    def forget_path(self) -> None:
        """Forget the measurements: the next packets may take another path."""
        self._recent.clear()
        self._in_vain = 0

    def add(self, seconds: float) -> bool:
        """Take a measurement, and return whether it shows a queue that does not drain."""
        before = self._recent[-1] if self._recent else seconds
        self._recent.append(seconds)
        is_standing = seconds - min(self._recent) > HIGH_QUEUEING_DELAY and seconds > before * DRAINING
        self._in_vain = self._in_vain + 1 if is_standing else 0
        if self._in_vain > MAX_IN_VAIN:
            self.forget_path()
            self._recent.append(seconds)  # the base of the longer path
            return False
        return is_standing

    @property
    def shows_queue(self) -> bool:
        """Whether the last round trip took much longer than the shortest, or none is known."""
        return not self._recent or self._recent[-1] - min(self._recent) > HIGH_QUEUEING_DELAY
