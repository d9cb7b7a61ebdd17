"""The gate for frames that a viewer can decode: decoding starts, and continues after a gap, with a keyframe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PATIENCE: Final = 0.5
"""Seconds without the requested keyframe after which it is requested again."""


class KeyframeGate:
    """Holds frames back until the next keyframe, and requests that keyframe.

    `is_overflowing` says that the gate closed because the network does not keep up: frames that it holds back count as
    dropped.
    """

    def __init__(self, request: Callable[[str], None], now: float) -> None:
        """`request` takes the reason in words."""
        self.is_closed = True
        self.is_overflowing = False
        self._request_keyframe = request
        self._requested_at = now

    def close(self, *, is_overflowing: bool = False) -> None:
        """Hold frames back until the next keyframe."""
        self.is_closed = True
        self.is_overflowing = is_overflowing or self.is_overflowing

    def request(self, reason: str, now: float) -> None:
        """Request a keyframe."""
        self._requested_at = now
        self._request_keyframe(reason)

    def expect(self, at: float) -> None:
        """Count the patience from `at` on, when the next request is due."""
        self._requested_at = at

    def holds(self, *, keyframe: bool, now: float) -> bool:
        """Return whether a frame must not be sent, and request a keyframe that is overdue."""
        if not self.is_closed or keyframe:
            return False
        if now - self._requested_at >= PATIENCE:
            self.request("no keyframe arrived", now)
        return True

    def open(self) -> None:
        """Let frames pass: the viewer gets a keyframe, or has had it."""
        self.is_closed = self.is_overflowing = False
