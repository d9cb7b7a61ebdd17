"""The interface by which a viewer's RTP session reaches its stream."""

from __future__ import annotations

from typing import Protocol

from sidecar.media.subscription import Subscription


class StreamRequests(Protocol):
    """Takes the keyframe requests and the link capacity of an RTP session for the subscription of its viewer."""

    @property
    def subscription(self) -> Subscription | None:
        """The attached subscription; None without one."""

    def request_keyframe(self, reason: str) -> None:
        """Request a keyframe; `reason` is for the log."""

    def report_capacity(self, bps: int) -> None:
        """Report the link capacity, in bits per second."""
