"""When packets may leave, so that a keyframe does not fill the network's queues."""

from __future__ import annotations

from typing import Final

PACING_FACTOR: Final = 2.5
"""The pacing rate as a multiple of the target bitrate, as in libwebrtc: an ordinary frame is not delayed, and a
keyframe leaves over the time of a few frames."""

BURST: Final = 0.02
"""Seconds of the pacing rate that may leave at once: an ordinary frame and a half."""


class Pacer:
    """A leaky bucket with a `rate` in bits per second; None: packets leave at once."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._empty_at = 0.0  # the time at which the sent packets would have left at the pacing rate

    def delay(self, now: float) -> float:
        """Return the seconds until the next packet may leave; 0: now."""
        if self.rate is None:
            return 0.0
        return max(self._empty_at - BURST - now, 0.0)

    def on_sent(self, size: int, now: float) -> None:
        """Count a packet of `size` bytes that has left."""
        if self.rate is not None:
            self._empty_at = max(self._empty_at, now) + 8 * size / self.rate

    def seconds(self, size: int) -> float:
        """Return the seconds that `size` bytes take to leave."""
        return 8 * size / self.rate if self.rate else 0.0
