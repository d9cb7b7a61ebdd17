"""Percentiles of measurements."""

from __future__ import annotations

from collections.abc import Sequence


def nearest_rank(values: Sequence[float], percent: float) -> float:
    """Return a percentile of sorted values, which must not be empty."""
    return values[min(int(percent / 100 * len(values)), len(values) - 1)]
