"""A limit on the work that a viewer's feedback causes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PER_SECOND: Final = 20_000
"""Packets that reports may name in a second: at the highest bitrate some 6,000 are sent. Reading 20,000 takes
a hundredth of a processor."""

BURST: Final = 20_000
"""Packets that reports may name at once, after a silence: the longest report names 8,192."""


class WorkBudget:
    """A token bucket: reports beyond it are left unread, so that no viewer keeps the others waiting."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = float(BURST)
        self._filled_at = clock()

    def take(self, packets: int) -> bool:
        """Return whether a report that names so many packets may be read."""
        now = self._clock()
        self._left = min(self._left + (now - self._filled_at) * PER_SECOND, BURST)
        self._filled_at = now
        if packets > self._left:
            return False
        self._left -= packets
        return True
