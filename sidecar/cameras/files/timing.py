"""How long each picture of a file is shown."""

from __future__ import annotations

from typing import Final

LONGEST_INTERVAL: Final = 2.0
"""Seconds that a picture stays at most: slide shows change every second or two, and the watch over cameras wants a
picture every six seconds."""

SLOW: Final = 0.5
"""Seconds between the pictures of a slide show at least."""

LONGEST_GAP: Final = 30.0
"""Seconds between two time stamps of one clock at most; a longer gap is a clock that was set, as in MPEG-TS of two
recordings, whose time stamps also begin anew after 26.5 hours (33 bits at 90 kHz)."""

STILL_INTERVAL: Final = 0.2
"""Seconds between two frames of a file of one picture: a new viewer waits no longer for it."""


class Intervals:
    """Turns the time stamps of a file's pictures into intervals between them; all are in seconds."""

    def __init__(self, usual: float) -> None:
        """`usual` is one over the file's frame rate."""
        self._usual = min(usual, LONGEST_INTERVAL)
        self._is_slow = usual > SLOW
        self._last: float | None = None

    def until(self, time: float | None) -> float:
        """Return the interval before a picture with this time stamp.

        It is the usual one where the time stamps tell nothing: they are missing, go back, stand still or jump. Among
        pictures that follow each other quickly a long gap is a jump, too; one that comes again is a slide show.
        """
        last, self._last = self._last, time
        if last is None or time is None or not 0 < time - last <= LONGEST_GAP:
            return self._usual
        was_slow, self._is_slow = self._is_slow, time - last > SLOW
        if time - last > LONGEST_INTERVAL and not was_slow:
            return self._usual
        return min(time - last, LONGEST_INTERVAL)
