"""The bitrate limit that follows from loss (draft-ietf-rmcat-gcc-02, 6)."""

from __future__ import annotations

from typing import Final

from sidecar.contract.limits import MAX_BITRATE, MIN_BITRATE

HIGH_LOSS: Final = 0.10
LOW_LOSS: Final = 0.02
"""The bitrate falls above HIGH_LOSS, rises below LOW_LOSS, and stays between them (draft-ietf-rmcat-gcc-02, 6)."""

INCREASE_INTERVAL: Final = 1.0
DECREASE_INTERVAL: Final = 0.3
"""The seconds between two increases and between two decreases. More frequent reports repeat the same loss."""

MIN_PACKETS: Final = 20
"""Reports about fewer packets are added up: one lost packet of five is no heavy loss (gcc, 6; libwebrtc)."""


class ReportedLoss:
    """Adds up receiver reports until they cover MIN_PACKETS."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._packets = 0
        self._lost = 0.0

    def add(self, highest: int, fraction: float) -> float | None:
        """Return the loss (0 to 1) of the reports since the last return value, None while they cover too few packets.

        `highest` is the extended highest sequence number received, `fraction` the loss since the last report.
        """
        before, self._highest = self._highest, highest
        if before is None:
            return None
        packets = (highest - before) & 0xFFFFFFFF
        self._packets += packets
        self._lost += fraction * packets
        if self._packets < MIN_PACKETS:
            return None
        loss = self._lost / self._packets
        self._packets, self._lost = 0, 0.0
        return loss


class LossBasedLimit:
    """The limit in bits per second, None while loss sets none, with the intervals between its changes."""

    def __init__(self, now: float) -> None:
        self.limit: float | None = None
        self._increased_at = self._decreased_at = now - INCREASE_INTERVAL

    def may_decrease(self, now: float) -> bool:
        """Return whether the last decrease is old enough for the next one."""
        return now - self._decreased_at >= DECREASE_INTERVAL

    def may_increase(self, now: float) -> bool:
        """Return whether there is a limit, and its last increase is old enough for the next one."""
        return self.limit is not None and now - self._increased_at >= INCREASE_INTERVAL

    def decrease(self, limit: float, now: float) -> None:
        """Set a lower limit."""
        self._decreased_at = now
        self.limit = max(limit, MIN_BITRATE)

    def increase(self, factor: float, now: float) -> None:
        """Raise the limit; at MAX_BITRATE it is removed."""
        self._increased_at = now
        if self.limit is not None:
            raised = self.limit * factor
            self.limit = raised if raised < MAX_BITRATE else None

    def collapse(self, limit: float, now: float) -> None:
        """Set the limit of a collapse, from which no increase follows for INCREASE_INTERVAL."""
        self._increased_at = now
        self.decrease(limit, now)
