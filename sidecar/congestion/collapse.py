"""A collapse of the link capacity, detected from the packets that a viewer reports missing.

Receiver reports arrive once a second, and a receiver's estimate some tenths of a second after a collapse. A receiver
sends a NACK (RFC 4585) with the first packet behind a gap.
"""

from __future__ import annotations

from typing import Final

from sidecar.congestion.reports import MissingPackets

WINDOW: Final = 16
"""The number of packets that the detector examines, back from the newest that is known to be missing."""

MISSING: Final = 8
"""The number of missing packets in the window that shows a collapse. At a random loss of 5 % the window has one missing
packet on average, and 8 once in some hours; the receiver reports show lower loss."""


class CollapseDetector:
    """Counts the missing packets among the newest."""

    def __init__(self) -> None:
        self._missing: set[int] = set()
        self._start = 0
        self._newest_sent_at: float | None = None

    @property
    def newest(self) -> int:
        """The number of the newest packet that counts as missing."""
        return max(self._missing, default=self._start)

    @property
    def newest_sent_at(self) -> float | None:
        """The time at which the newest missing packet was sent, in seconds; None when that is not remembered."""
        return self._newest_sent_at

    def on_missing(self, report: MissingPackets) -> float | None:
        """Return the part of the packets (0 to 1) that is lost in a collapse, None while there is no collapse."""
        self._missing.update(number for number in report.numbers if number >= self._start)
        newest = self.newest
        if newest in report.numbers:
            self._newest_sent_at = report.newest_sent_at
        self._missing = {number for number in self._missing if number > newest - WINDOW}
        if len(self._missing) < MISSING:
            return None
        return len(self._missing) / (newest - min(self._missing) + 2)  # the packet behind the newest has arrived

    def start_from(self, number: int) -> None:
        """Count only packets from this number on: the loss of earlier ones has been acted on."""
        self._start = number
        self._missing.clear()

    def on_history_discarded(self) -> None:
        """Forget when the newest missing packet was sent: a late NACK about it is no sign of another collapse."""
        self._newest_sent_at = None
