"""Whether the peer is still there. Pure calculation."""

from __future__ import annotations

from typing import Final, Literal

DISCONNECTED_AFTER: Final = 3.0
FAILED_AFTER: Final = 7.0
"""Seconds of silence. A peer that is there answers a consent check each second and sends a report about as often."""

TICK: Final = 0.5
"""Seconds between two looks."""

Verdict = Literal["connected", "disconnected", "failed"]


class Liveness:
    """Counts a peer's silence in looks, not in time: if our own process stood still, signs of life wait unread."""

    def __init__(self) -> None:
        self._silent_looks = 0

    def heard(self) -> None:
        """The peer gave a sign of life."""
        self._silent_looks = 0

    def look(self) -> Verdict:
        """Judge; call it every TICK seconds."""
        self._silent_looks += 1
        silence = self._silent_looks * TICK
        if silence > FAILED_AFTER:
            return "failed"
        return "disconnected" if silence > DISCONNECTED_AFTER else "connected"
