"""The requests of a viewer to the stream that it gets."""

from __future__ import annotations

from typing import Protocol


class StreamRequests(Protocol):
    """The requests of a session to the stream that it sends."""

    def request_keyframe(self, reason: str) -> None:
        """Request a keyframe; `reason` is for the log."""

    def report_capacity(self, bps: int) -> None:
        """Report the link capacity, in bits per second."""
