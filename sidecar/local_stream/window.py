"""The pictures that a viewer has not acknowledged."""

from __future__ import annotations

from collections import deque

from sidecar.local_stream.messages import SEQUENCE_MODULUS
from sidecar.local_stream.policy import LocalStreamPolicy


class Window:
    """The pictures that were sent and that the viewer has not acknowledged.

    The buffers of the system and of a browser hold seconds of video, all of it late. So a picture counts as received
    when the viewer has acknowledged it, not when the socket has taken it.
    """

    def __init__(self, policy: LocalStreamPolicy | None = None) -> None:
        self._policy = policy or LocalStreamPolicy()
        self._sent: deque[tuple[int, float]] = deque()
        self.round_trip_time: float | None = None
        """The round-trip time of the newest acknowledged picture, in seconds."""

    def sent(self, sequence: int, now: float) -> None:
        """Add a picture that was sent."""
        self._sent.append((sequence, now))

    def received(self, sequence: int, now: float) -> None:
        """Remove an acknowledged picture, and all pictures sent before it."""
        while self._sent and (sequence - self._sent[0][0]) % SEQUENCE_MODULUS < SEQUENCE_MODULUS // 2:
            _, sent_at = self._sent.popleft()
            self.round_trip_time = now - sent_at

    def age(self, now: float) -> float:
        """Return the seconds since the oldest unacknowledged picture was sent; 0 when all are acknowledged."""
        return now - self._sent[0][1] if self._sent else 0.0

    def is_full(self, now: float) -> bool:
        """Return whether the limits of unacknowledged pictures or of their age are exceeded."""
        return len(self._sent) >= self._policy.max_unacknowledged or self.age(now) > self._policy.max_age
