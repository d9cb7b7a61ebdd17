"""The capture time of a frame."""

from __future__ import annotations

import time

PLAUSIBLE_AGE = 5.0
"""The age, in seconds, that a frame may have when it is read. An older time stamp comes from another clock."""


def captured_at(driver_time: float | None) -> float:
    """Return the capture time in seconds of time.monotonic().

    It is the driver's time stamp (in seconds) when that comes from the monotonic clock, else the present time.
    """
    now = time.monotonic()
    if driver_time is not None and 0 <= now - driver_time <= PLAUSIBLE_AGE:
        return driver_time
    return now
