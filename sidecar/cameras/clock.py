"""When a picture was taken."""

from __future__ import annotations

import time

PLAUSIBLE_AGE = 5.0
"""Seconds a picture can be old when it is read. A time stamp outside of that counts by another clock."""


def captured_at(driver_time: float | None) -> float:
    """time.monotonic() of a picture: the driver's time stamp in seconds when it is one of that clock, else now."""
    now = time.monotonic()
    if driver_time is not None and 0 <= now - driver_time <= PLAUSIBLE_AGE:
        return driver_time
    return now
