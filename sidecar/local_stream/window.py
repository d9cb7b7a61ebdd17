"""What is on its way to a viewer."""

from __future__ import annotations

from collections import deque
from typing import Final

from sidecar.local_stream.messages import SEQUENCE_MODULUS

MAX_SECONDS: Final = 0.5
"""A picture may be on its way so long before no newer one is sent after it: the viewer does not keep up."""

MAX_PICTURES: Final = 64


class Window:
    """The pictures that were sent and that the viewer has not told to have.

    The buffers of the system and of a browser hold seconds of video; what they hold is late. So what counts is what the
    viewer has, not what the socket took.
    """

    def __init__(self) -> None:
        self._sent: deque[tuple[int, float]] = deque()
        self.round_trip_time: float | None = None
        """Seconds, of the newest picture that was acknowledged."""

    def sent(self, sequence: int, now: float) -> None:
        """A picture was sent."""
        self._sent.append((sequence, now))

    def received(self, sequence: int, now: float) -> None:
        """The viewer has this picture, and with it all that were sent before it."""
        while self._sent and (sequence - self._sent[0][0]) % SEQUENCE_MODULUS < SEQUENCE_MODULUS // 2:
            _, sent_at = self._sent.popleft()
            self.round_trip_time = now - sent_at

    def age(self, now: float) -> float:
        """Seconds since the oldest picture that is on its way was sent; 0 when none is."""
        return now - self._sent[0][1] if self._sent else 0.0

    def is_full(self, now: float) -> bool:
        """Whether the viewer does not keep up."""
        return len(self._sent) >= MAX_PICTURES or self.age(now) > MAX_SECONDS
