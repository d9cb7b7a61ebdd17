"""The pictures shown over a period: freezes, latency, frame rate. Pure calculation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import nan
from typing import Final

from percentiles import nearest_rank

from benchmark.receiver import Picture

SETTLED_LATENCY: Final = 300.0
"""Milliseconds. A sender that does not adapt keeps the queue of a thin link full and exceeds this latency."""

SETTLED_GAP: Final = 0.3
"""The longest gap between two pictures of a settled stream, in seconds."""


class Shown:
    """The pictures between `since` and `until`, seconds since the epoch; without them, all pictures."""

    def __init__(self, pictures: Sequence[Picture], since: float | None = None, until: float | None = None) -> None:
        self.since = since if since is not None else pictures[0].at if pictures else 0.0
        self.until = until if until is not None else pictures[-1].at if pictures else 0.0
        self._pictures = [picture for picture in pictures if self.since <= picture.at <= self.until]

    def between(self, since: float, until: float) -> Shown:
        """The pictures of a part of the period."""
        return Shown(self._pictures, since, until)

    @property
    def count(self) -> int:
        """The number of pictures."""
        return len(self._pictures)

    @property
    def fps(self) -> float:
        """Pictures per second."""
        return self.count / (self.until - self.since)

    @property
    def longest_gap(self) -> float:
        """The longest time without a new picture, in seconds."""
        times = [self.since, *(picture.at for picture in self._pictures), self.until]
        return max(after - before for before, after in pairwise(times))

    @property
    def settled_after(self) -> float:
        """The time of the last late picture or long gap, in seconds from the beginning."""
        settled = before = self.since
        for picture in self._pictures:
            is_late = picture.latency is not None and picture.latency > SETTLED_LATENCY
            if is_late or picture.at - before > SETTLED_GAP:
                settled = picture.at
            before = picture.at
        return (self.until if self.until - before > SETTLED_GAP else settled) - self.since

    def latency(self, percent: float) -> float:
        """A percentile of the latencies in milliseconds, nearest rank; NaN without pictures."""
        found = sorted(picture.latency for picture in self._pictures if picture.latency is not None)
        return nearest_rank(found, percent) if found else nan
