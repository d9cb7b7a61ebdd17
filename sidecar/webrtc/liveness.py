"""Whether a peer is still there."""

from __future__ import annotations

from typing import Final

LOOK_INTERVAL: Final = 0.5
"""Seconds between two looks."""

MAX_SILENT_LOOKS: Final = 5
"""A peer is lost after 2.5 s of silence, so within 3 s of its last sign of life. A peer that is there answers a consent
check each second and sends a report about as often."""


class Liveness:
    """Counts the looks since a peer's last sign of life.

    It counts looks, not time: if the process itself stood still, signs of life wait unread.
    """

    def __init__(self) -> None:
        self._silent_looks = 0

    def heard(self) -> None:
        """Record a sign of life."""
        self._silent_looks = 0

    def look(self) -> bool:
        """Return whether the peer counts as there; to be called every LOOK_INTERVAL seconds."""
        self._silent_looks += 1
        return self._silent_looks <= MAX_SILENT_LOOKS
