"""The requests of a viewer to the stream that it gets."""

from __future__ import annotations

from typing import Protocol

from sidecar.media.subscription import Subscription


class StreamRequests(Protocol):
    """The requests of a session to the stream that it sends."""

    @property
    def subscription(self) -> Subscription | None:
        """The attached subscription; None without one."""

    def request_keyframe(self, reason: str) -> None:
        """Request a keyframe; `reason` is for the log."""

    def report_capacity(self, bps: int) -> None:
        """Report the link capacity, in bits per second."""
