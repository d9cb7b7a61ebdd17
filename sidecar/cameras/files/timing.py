"""The time for which each picture of a file is shown."""

from __future__ import annotations

from typing import Final

LONGEST_INTERVAL: Final = 2.0
"""The longest interval between two pictures, in seconds. Slide shows change every second or two, and a file without a
frame for six seconds counts as lost."""

SLOW: Final = 0.5
"""The shortest interval between two pictures of a slide show, in seconds."""

LONGEST_GAP: Final = 30.0
"""The longest interval, in seconds, between two time stamps of one clock. A longer gap means that the clock was set, as
in MPEG-TS of two recordings, whose time stamps also wrap around after 26.5 hours (33 bits at 90 kHz)."""

STILL_INTERVAL: Final = 0.2
"""The interval, in seconds, at which the picture of a single-picture file is repeated: a new viewer's longest wait."""


class Intervals:
    """Turns the time stamps of a file's pictures into intervals. All times are in seconds."""

    def __init__(self, usual: float) -> None:
        """`usual` is the interval at the file's frame rate."""
        self._usual = min(usual, LONGEST_INTERVAL)
        self._is_slow = usual > SLOW
        self._last: float | None = None

    def until(self, time: float | None) -> float:
        """Return the interval before a picture with this time stamp.

        It is the usual interval where the time stamps are missing, go back, repeat or jump. A single long gap among
        short intervals also counts as a jump; repeated long gaps mean a slide show.
        """
        last, self._last = self._last, time
        if last is None or time is None or not 0 < time - last <= LONGEST_GAP:
            return self._usual
        was_slow, self._is_slow = self._is_slow, time - last > SLOW
        if time - last > LONGEST_INTERVAL and not was_slow:
            return self._usual
        return min(time - last, LONGEST_INTERVAL)
