"""The interface between a stream and its consumers: a sink takes access units, a subscription carries its feedback."""

from __future__ import annotations

from typing import Protocol

from sidecar.media.access_unit import AccessUnit


class Sink(Protocol):
    """A consumer of a stream: a viewer, a recorder."""

    def push(self, access_unit: AccessUnit) -> None:
        """Take one access unit; called on the event loop's thread, and never blocks."""


class Subscription(Protocol):
    """The handle of a sink's subscription, for the event loop's thread. Once closed, it ignores every call."""

    def request_keyframe(self) -> None:
        """Ask for a keyframe because the sink cannot decode without one. The stream limits how many it encodes."""

    def report_capacity(self, bps: int) -> None:
        """Report the capacity of the sink's link, in bits per second."""

    def close(self) -> None:
        """End the deliveries to the sink; idempotent."""
