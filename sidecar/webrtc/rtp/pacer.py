"""When packets may leave, so that a keyframe does not fill the queues of the network. Pure calculation."""

from __future__ import annotations

from typing import Final

PACING_FACTOR: Final = 2.5
"""Times the bitrate aimed at, as WebRTC paces: an ordinary frame is not held up, a keyframe takes some frames' time."""

BURST: Final = 0.02
"""Seconds' worth at the pacing rate that may leave at once: an ordinary frame and a half."""


class Pacer:
    """A leaky bucket. Nothing is held up while `bitrate` (bits per second, the one aimed at) is None."""

    def __init__(self) -> None:
        self.bitrate: int | None = None
        self._empty_at = 0.0  # when all that has left would have left at the pacing rate
        self._held_until = 0.0

    def delay(self, now: float) -> float:
        """Seconds until the next packet may leave; 0: now."""
        if self.bitrate is None:
            return 0.0
        return max(self._empty_at - BURST - now, self._held_until - now, 0.0)

    def sent(self, size: int, now: float) -> None:
        """A packet of so many bytes has left."""
        if self.bitrate is not None:
            self._empty_at = max(self._empty_at, now) + self.seconds(size)

    def hold(self, until: float) -> None:
        """Let nothing leave before this time."""
        self._held_until = until

    def seconds(self, size: int) -> float:
        """How long so many bytes take to leave."""
        return 8 * size / (PACING_FACTOR * self.bitrate) if self.bitrate else 0.0
