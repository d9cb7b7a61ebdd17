"""The detection of a lost peer by its silence."""

from __future__ import annotations

from typing import Final

POLL_INTERVAL: Final = 0.5
"""Seconds between two polls."""

MAX_SILENT_POLLS: Final = 5
"""A peer is lost after 2.5 s of silence, so within 3 s of its last sign of life. A reachable peer answers a consent
check each second and sends a report about as often."""


class Liveness:
    """Counts the polls since a peer's last sign of life.

    Polls are counted instead of time: after a pause of this process signs of life still wait in its sockets.
    """

    def __init__(self) -> None:
        self._silent_polls = 0

    def heard(self) -> None:
        """Record a sign of life."""
        self._silent_polls = 0

    def poll(self) -> bool:
        """Return whether the peer counts as reachable. Call it every POLL_INTERVAL seconds."""
        self._silent_polls += 1
        return self._silent_polls <= MAX_SILENT_POLLS
