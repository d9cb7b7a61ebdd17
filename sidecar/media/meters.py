"""Meters for statistics: rates and percentiles over a sliding window, of bounded size. Not thread-safe."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from math import ceil

from sidecar.media.sliding_rate import SlidingRate

Clock = Callable[[], float]


class RateMeter:
    """An amount per second over the last `window` seconds, by its own clock."""

    def __init__(self, window: float = 1.0, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._rate = SlidingRate(window)

    def add(self, amount: float = 1.0) -> None:
        """Count `amount` now."""
        self._rate.add(amount, self._clock())

    def rate(self) -> float:
        """Return the amount per second over the window that ends now."""
        return self._rate.rate(self._clock())


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
