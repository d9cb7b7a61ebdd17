"""An amount per second over a sliding window, for callers that pass the time themselves."""

from __future__ import annotations

from collections import deque
from typing import Final

_BUCKETS_PER_WINDOW: Final = 100


class SlidingRate:
    """An amount per second over the last `window` seconds.

    Amounts within a hundredth of the window share a bucket, so memory is bounded at any rate.
    """

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._bucket_seconds = window / _BUCKETS_PER_WINDOW
        self._buckets: deque[list[float]] = deque()  # [opened at, amount]
        self._sum = 0.0

    def add(self, amount: float, now: float) -> None:
        """Count `amount` at the time `now`, in seconds."""
        buckets = self._buckets
        if buckets and now - buckets[-1][0] < self._bucket_seconds:
            buckets[-1][1] += amount
        else:
            self._forget(now)
            buckets.append([now, amount])
        self._sum += amount

    def rate(self, now: float) -> float:
        """Return the amount per second over the window that ends at `now`."""
        self._forget(now)
        return self._sum / self._window

    def _forget(self, now: float) -> None:
        buckets = self._buckets
        while buckets and buckets[0][0] <= now - self._window:
            self._sum -= buckets.popleft()[1]
        if not buckets:
            self._sum = 0.0  # clears the rounding errors of long sums
