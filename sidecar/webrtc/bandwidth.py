"""How much a viewer's network carries, from its receiver estimates and its loss. Pure calculation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

MIN_BITRATE: Final = 50_000
MAX_BITRATE: Final = 50_000_000

HIGH_LOSS: Final = 0.10
LOW_LOSS: Final = 0.02
"""Above the one the rate goes down, below the other it goes up, between them it stays (draft-ietf-rmcat-gcc-02, 6)."""

INCREASE: Final = 1.08
INCREASE_INTERVAL: Final = 1.0
DECREASE_INTERVAL: Final = 0.3
"""Seconds. Reports that come faster tell of the same loss."""

OVERUSE: Final = 0.97
"""A receiver lowers its estimate by a tenth or more when queues grow; less is noise."""

BELOW_SENT: Final = 0.9
"""A first estimate this far below what is sent comes from queues that grow."""


EXCESS: Final = 1.1
EXCESS_PATIENCE: Final = 1.0
"""A receiver's estimate that stays, for so many seconds, this far below what is sent is a limit: it would rise."""

RECOVERY_AFTER: Final = 5.0
RECOVERY_REACH: Final = 2.0
"""So many seconds after it was lowered the limit rises by itself, this far beyond the receiver's estimate: a picture
that does not use its limit would keep the estimate, and so the limit, where it is."""


class BandwidthEstimator:
    """One bitrate from REMB (draft-alvestrand-rmcat-remb) and from the loss in receiver reports.

    A receiver's estimate grows only as far as what it receives (1.5 times that), so with a still picture it is small
    though the network is wide. Such an estimate is no limit: it becomes one when the receiver lowers it, or when it
    starts below what is being sent, or stays below it. `estimate` is None as long as no limit is known.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.target_bitrate: int | None = None
        self.receiver_estimate: int | None = None
        self._clock = clock
        self._receiver_limit: float | None = None
        self._loss_limit: float | None = None
        self._lowered_at = self._raised_at = self._increased_at = self._decreased_at = clock() - INCREASE_INTERVAL
        self._exceeded_since: float | None = None

    @property
    def estimate(self) -> int | None:
        """Bits per second that the network carries as far as is known."""
        limits = [limit for limit in (self._receiver_limit, self._loss_limit) if limit is not None]
        return int(min(max(min(limits), MIN_BITRATE), MAX_BITRATE)) if limits else None

    def on_receiver_estimate(self, bitrate: int, sent: float) -> None:
        """A REMB arrived; `sent` is what was sent over the last second. Both in bits per second."""
        before, self.receiver_estimate = self.receiver_estimate, bitrate
        lowered = bitrate < before * OVERUSE if before is not None else bitrate < sent * BELOW_SENT
        if lowered or self._is_exceeded(bitrate, before, sent):
            self._lowered_at = self._clock()
            self._receiver_limit = min(bitrate, self._receiver_limit or bitrate)
        elif self._receiver_limit is not None:
            self._receiver_limit = max(bitrate, self._recovered(self._receiver_limit, bitrate))
        elif self.target_bitrate is not None and bitrate > self.target_bitrate:
            self._receiver_limit = bitrate

    def _is_exceeded(self, bitrate: int, before: int | None, sent: float) -> bool:
        """Whether more is sent than the receiver takes for possible, and it does not change its mind."""
        if sent <= bitrate * EXCESS or before is None or bitrate > before:
            self._exceeded_since = None
            return False
        now = self._clock()
        if self._exceeded_since is None:
            self._exceeded_since = now
        return now - self._exceeded_since >= EXCESS_PATIENCE

    def _recovered(self, limit: float, bitrate: int) -> float:
        now = self._clock()
        if now - self._lowered_at < RECOVERY_AFTER or now - self._raised_at < INCREASE_INTERVAL:
            return limit
        self._raised_at = now
        return max(limit, min(limit * INCREASE, bitrate * RECOVERY_REACH))

    def on_loss(self, fraction: float, sent: float) -> None:
        """A receiver report arrived: `fraction` (0 to 1) of the packets since the last one was lost."""
        now = self._clock()
        if fraction > HIGH_LOSS:
            if now - self._decreased_at >= DECREASE_INTERVAL:
                self._decreased_at = now
                current = self.estimate or self.target_bitrate or sent
                self._loss_limit = max(min(current, sent or current) * (1 - 0.5 * fraction), MIN_BITRATE)
        elif fraction < LOW_LOSS and self._loss_limit is not None and now - self._increased_at >= INCREASE_INTERVAL:
            self._increased_at = now
            self._loss_limit *= INCREASE
            if self._loss_limit >= MAX_BITRATE:
                self._loss_limit = None
