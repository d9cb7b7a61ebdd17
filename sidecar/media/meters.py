"""Meters for statistics: rates and percentiles over a sliding window, of bounded size. Not thread-safe."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from math import ceil
from typing import Final

Clock = Callable[[], float]

_BUCKETS_PER_WINDOW: Final = 100


class RateMeter:
    """An amount per second over the last `window` seconds.

    Amounts within a hundredth of the window share one bucket, so memory is bounded at any rate.
    """

    def __init__(self, window: float = 1.0, clock: Clock = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._buckets: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def add(self, amount: float = 1.0) -> None:
        """Count `amount` now."""
        now = self._clock()
        self._forget(now)
        self._sum += amount
        if self._buckets and now - self._buckets[-1][0] < self._window / _BUCKETS_PER_WINDOW:
            opened_at, so_far = self._buckets.pop()
            self._buckets.append((opened_at, so_far + amount))
        else:
            self._buckets.append((now, amount))

    def rate(self) -> float:
        """Return the amount per second over the window that ends now."""
        self._forget(self._clock())
        return self._sum / self._window

    def _forget(self, now: float) -> None:
        while self._buckets and self._buckets[0][0] <= now - self._window:
            self._sum -= self._buckets.popleft()[1]
        if not self._buckets:
            self._sum = 0.0  # removes the rounding errors of long sums


class Percentiles:
    """Percentiles of the last `size` values, without values older than `window` seconds."""

    def __init__(self, size: int = 512, window: float = 10.0, clock: Clock = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._values: deque[tuple[float, float]] = deque(maxlen=size)

    def add(self, value: float) -> None:
        """Add one value."""
        self._values.append((self._clock(), value))

    def percentile(self, percent: float) -> float | None:
        """Return the smallest value that `percent` of the values do not exceed (nearest rank); None without values."""
        oldest = self._clock() - self._window
        while self._values and self._values[0][0] <= oldest:
            self._values.popleft()
        if not self._values:
            return None
        ordered = sorted(value for _, value in self._values)
        return ordered[max(ceil(percent / 100 * len(ordered)), 1) - 1]
