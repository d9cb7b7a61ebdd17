"""The delay of frames that the receiver is asked for (playout-delay RTP header extension)."""

from __future__ import annotations

from typing import Final

IMMEDIATE: Final = (0, 0)
"""Minimum and maximum in milliseconds: Chromium renders a frame as soon as it is decoded."""

ROUND_TRIPS: Final = 2.5
"""The delay in round trips: the first retransmission of a packet takes one, the second one two. Chromium's own jitter
buffer delays frames by less and stutters."""

MAX_MINIMUM: Final = 500
MAXIMUM: Final = 2000
"""Milliseconds. The minimum is at most MAX_MINIMUM; above it, up to MAXIMUM, the receiver decides."""

LOSS: Final = 0.01
ROUND_TRIP: Final = 0.02
"""Above both, frames become complete late and in bursts, and stutter when they are rendered at once. On a shorter path
a retransmission arrives within a frame's time. The shortest round trip counts, because a queue has to be drained
instead."""

CLEAN_AFTER: Final = 15.0
"""Seconds without loss after which frames are rendered at once again."""


class PlayoutDelay:
    """The playout delay that a client has set; otherwise IMMEDIATE while the path is clean, longer while it is lossy.

    `current` is (minimum, maximum) in milliseconds.
    """

    def __init__(self, fixed: tuple[int, int] | None) -> None:
        self.current = fixed or IMMEDIATE
        self._is_fixed = fixed is not None
        self._lossy_until: float | None = None
        self._round_trip_time = 0.0

    def on_report(self, loss: float, round_trip_time: float, now: float) -> None:
        """Take a receiver report: the loss (0 to 1), and the shortest round trip in seconds."""
        is_lossy = self._lossy_until is not None and now < self._lossy_until
        if loss > LOSS and (is_lossy or round_trip_time > ROUND_TRIP):
            self._lossy_until = now + CLEAN_AFTER
            self._round_trip_time = round_trip_time
        if not self._is_fixed:
            self.current = self._lossy() if self._lossy_until is not None and now < self._lossy_until else IMMEDIATE

    def _lossy(self) -> tuple[int, int]:
        return min(round(100 * ROUND_TRIPS * self._round_trip_time) * 10, MAX_MINIMUM), MAXIMUM
