"""The bitrate limit that follows from a receiver's own estimates (REMB, draft-alvestrand-rmcat-remb-03).

A REMB estimate grows only to 1.5 times the received bitrate, so a still picture keeps the estimate small on a wide
link. An estimate is a limit only when the receiver has lowered it, when the first estimate is below the sent bitrate,
or when it stays below the sent bitrate.
"""

from __future__ import annotations

from typing import Final

ESTIMATE_LIFETIME: Final = 5.0
"""The seconds after which an estimate expires. Receivers that send estimates send one a second."""

OVERUSE: Final = 0.97
"""A receiver lowers its estimate by a tenth or more when queues grow; a smaller decrease is noise."""

BELOW_SENT: Final = 0.9
"""A first estimate below this part of the sent bitrate is the result of growing queues."""

EXCESS: Final = 1.1
EXCESS_PATIENCE: Final = 1.0
"""An estimate is a limit when the sent bitrate is EXCESS times as high for EXCESS_PATIENCE seconds: without a limit the
estimate would have risen."""

RECOVERY_AFTER: Final = 5.0
RECOVERY_REACH: Final = 2.0
RECOVERY_INTERVAL: Final = 1.0
RECOVERY_INCREASE: Final = 1.08
"""RECOVERY_AFTER seconds after its decrease the limit rises on its own, up to RECOVERY_REACH times the estimate: a
picture that does not use its limit would keep the estimate, and with it the limit, low for ever."""


class ReceiverEstimate:
    """The last estimate and the limit made of it, in bits per second; None while there is none."""

    def __init__(self, now: float) -> None:
        self.estimate: int | None = None
        self.limit: float | None = None
        self._received_at = now
        self._lowered_at = self._raised_at = now - RECOVERY_INTERVAL
        self._exceeded_since: float | None = None

    def has_expired(self, now: float) -> bool:
        """Whether the receiver has stopped sending estimates."""
        return self.estimate is not None and now - self._received_at > ESTIMATE_LIFETIME

    def forget(self) -> None:
        """Drop the estimate and its limit."""
        self.estimate = self.limit = None

    def on_estimate(self, bitrate: int, sent: float, target: int | None, now: float) -> None:
        """Take an estimate; `sent` is the sent bitrate of the last second, `target` the encoder's target bitrate."""
        before, self.estimate = self.estimate, bitrate
        self._received_at = now
        lowered = bitrate < before * OVERUSE if before is not None else bitrate < sent * BELOW_SENT
        if lowered or self._is_exceeded(bitrate, before, sent, now):
            self._lowered_at = now
            self.limit = min(bitrate, self.limit or bitrate)
        elif self.limit is not None:
            self.limit = max(bitrate, self._recovered(self.limit, bitrate, now))
        elif target is not None and bitrate > target:
            self.limit = bitrate

    def _is_exceeded(self, bitrate: int, before: int | None, sent: float, now: float) -> bool:
        """Return whether the sent bitrate has been above an estimate that does not rise for EXCESS_PATIENCE seconds."""
        if sent <= bitrate * EXCESS or before is None or bitrate > before:
            self._exceeded_since = None
            return False
        if self._exceeded_since is None:
            self._exceeded_since = now
        return now - self._exceeded_since >= EXCESS_PATIENCE

    def _recovered(self, limit: float, bitrate: int, now: float) -> float:
        if now - self._lowered_at < RECOVERY_AFTER or now - self._raised_at < RECOVERY_INTERVAL:
            return limit
        self._raised_at = now
        return max(limit, min(limit * RECOVERY_INCREASE, bitrate * RECOVERY_REACH))
