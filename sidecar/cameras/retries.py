"""When a camera that was lost is tried again, and when it is given up. Pure calculation: no clock, no wait."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.drivers import DriverHangsError
from sidecar.contract.errors import (
    CameraPermissionDeniedError,
    ContractError,
    EncoderFailedError,
    SourceNotAllowedError,
)

FIRST_DELAY: Final = 0.3
LONGEST_DELAY: Final = 2.0
"""Seconds between two tries: doubled each time, for as long as a session waits. A try lists the cameras, so it costs
some milliseconds of one core; a camera that is plugged in is tried at once where the system tells of it."""

STEADY: Final = LONGEST_DELAY
"""Seconds of pictures after which the next loss is followed by a try at once: that is no more tries than there are."""

PERMISSION_PATIENCE: Final = 3.0
"""Seconds that a device just plugged in may be forbidden: on Linux its node is there before udev gives it its group."""

POINTLESS: Final = (SourceNotAllowedError, EncoderFailedError, DriverHangsError)
"""What no waiting mends."""


class Retries:
    """The tries of one source. Times are in seconds of any one clock."""

    def __init__(self) -> None:
        self._delay = 0.0
        self._forbidden_since: float | None = None

    def next_delay(self) -> float:
        """How long to wait before the next try: 0, 0.3, 0.6, 1.2, 2, 2 …"""
        delay = self._delay
        self._delay = min(max(2 * delay, FIRST_DELAY), LONGEST_DELAY)
        return delay

    def streamed(self, duration: float) -> None:
        """The camera gave pictures for so long."""
        self._forbidden_since = None
        if duration >= STEADY:
            self._delay = 0.0

    def is_over(self, error: ContractError, now: float) -> bool:
        """Whether no other try makes sense after `error`."""
        if not isinstance(error, CameraPermissionDeniedError):
            self._forbidden_since = None
            return isinstance(error, POINTLESS)
        if self._forbidden_since is None:
            self._forbidden_since = now
        return now - self._forbidden_since >= PERMISSION_PATIENCE
