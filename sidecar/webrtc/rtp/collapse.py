"""Whether a network has suddenly become too thin, told by what a viewer misses. Pure calculation.

A viewer's reports come once a second, and a receiver's estimate needs some tenths of one. What it misses it says at
once (NACK, RFC 4585): a gap is seen with the first packet behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

WINDOW: Final = 16
"""Packets that are looked at, back from the newest that is known to be lost."""

MISSING: Final = 8
"""So many of them lost is no accident: at a loss of 5 % it is one on the average, and 8 once in some hours. Less is a
matter for the loss in the reports."""


class CollapseDetector:
    """Takes the numbers of the packets that a viewer misses, counted from the first one sent, without modulus."""

    def __init__(self) -> None:
        self._missing: set[int] = set()
        self._from = 0

    @property
    def newest(self) -> int:
        """The newest packet that is known to be lost, of those that count."""
        return max(self._missing, default=self._from)

    def on_missing(self, numbers: Iterable[int]) -> float | None:
        """The share of packets that is lost, when the network has collapsed; None when it has not."""
        self._missing.update(number for number in numbers if number >= self._from)
        oldest = self.newest - WINDOW
        self._missing = {number for number in self._missing if number > oldest}
        if len(self._missing) < MISSING:
            return None
        return len(self._missing) / (self.newest - min(self._missing) + 2)  # the one behind the newest has arrived

    def start_from(self, number: int) -> None:
        """Count only packets from this one on: what became of those before is known."""
        self._from = number
        self._missing.clear()
