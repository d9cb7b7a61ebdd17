"""The delays before a lost camera is opened again, and the end of the tries. Pure calculation: no clock and no wait."""

from __future__ import annotations

from typing import Final

from sidecar.cameras.drivers import DriverHangsError
from sidecar.cameras.policy import RetryPolicy
from sidecar.contract.errors import (
    CameraPermissionDeniedError,
    ContractError,
    EncoderFailedError,
    SourceNotAllowedError,
)

PERMANENT: Final = (SourceNotAllowedError, EncoderFailedError, DriverHangsError)
"""Errors that remain however long the camera is awaited."""


class Retries:
    """The tries to open one lost camera. Times are in seconds of any one clock."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._delay = 0.0
        self._forbidden_since: float | None = None

    def next_delay(self) -> float:
        """Return the delay before the next try, in seconds; by default 0, 0.3, 0.6, 1.2, 2, 2 …"""
        delay = self._delay
        self._delay = min(max(2 * delay, self._policy.first_delay), self._policy.longest_delay)
        return delay

    def streamed(self, duration: float) -> None:
        """Record that the camera streamed for `duration` seconds before it was lost."""
        self._forbidden_since = None
        if duration >= self._policy.steady:
            self._delay = 0.0

    def is_over(self, error: ContractError, now: float) -> bool:
        """Return whether `error` makes further tries pointless."""
        if not isinstance(error, CameraPermissionDeniedError):
            self._forbidden_since = None
            return isinstance(error, PERMANENT)
        if self._forbidden_since is None:
            self._forbidden_since = now
        return now - self._forbidden_since >= self._policy.permission_patience
