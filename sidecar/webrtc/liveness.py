"""Whether the peer is still there. Pure calculation."""

from __future__ import annotations

from typing import Final

LOST_AFTER: Final = 2.5
"""Seconds of silence. A peer that is there answers a consent check each second and sends a report about as often."""

TICK: Final = 0.5
"""Seconds between two looks: a peer is given up for lost within 3 s of its last sign of life."""


class Liveness:
    """Counts a peer's silence in looks, not in time: if our own process stood still, signs of life wait unread."""

    def __init__(self) -> None:
        self._silent_looks = 0

    def heard(self) -> None:
        """The peer gave a sign of life."""
        self._silent_looks = 0

    def look(self) -> bool:
        """Whether the peer counts as there; call it every TICK seconds."""
        self._silent_looks += 1
        return self._silent_looks * TICK <= LOST_AFTER
