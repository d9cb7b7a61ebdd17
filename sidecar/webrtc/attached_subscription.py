"""The subscription that a peer is attached to, for the RTP session."""

from __future__ import annotations

import logging

from sidecar.media.subscription import Subscription
from sidecar.webrtc.guarded_calls import call_owner

logger = logging.getLogger(__name__)


class AttachedSubscription:
    """Passes a viewer's keyframe requests and link capacity to the attached subscription, if any (StreamRequests)."""

    def __init__(self, connection_id: str) -> None:
        self._connection_id = connection_id
        self.subscription: Subscription | None = None

    def attach(self, subscription: Subscription | None) -> None:
        """Use this subscription from now on; None: none."""
        self.subscription = subscription

    def request_keyframe(self, reason: str) -> None:
        """Request a keyframe; `reason` is for the log."""
        logger.debug("connection %s: keyframe requested: %s", self._connection_id, reason)
        if self.subscription is not None:
            call_owner(self._connection_id, self.subscription.request_keyframe)

    def report_capacity(self, bps: int) -> None:
        """Report the link capacity, in bits per second."""
        subscription = self.subscription
        if subscription is not None:
            call_owner(self._connection_id, lambda: subscription.report_capacity(bps))
