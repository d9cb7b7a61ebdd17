"""What was sent and can be sent again (RFC 4585, 6.2.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import inf
from typing import Final

from sidecar.webrtc.rtp.packets import SentFrame

HISTORY_SECONDS: Final = 1.0
"""A packet that is missing for longer is of no use to a picture without delay."""

MIN_FRAMES: Final = 8
"""So many are remembered for longer, where pictures are rare: that one is missing is seen only with the next one, and
all that follow refer to it."""

ROUND_TRIPS: Final = 3
"""A request is one round trip old when it comes; lost again, a packet needs another."""

MAX_HISTORY_SECONDS: Final = 4.0
MAX_BYTES: Final = 8 << 20
"""A second at the largest bitrate. The payloads are those of the packetiser, shared by all viewers."""

MAX_PACKETS: Final = 1 << 14
"""A quarter of the sequence numbers, so that none is ambiguous."""

MIN_INTERVAL: Final = 0.01
"""Seconds, when no round-trip time is known: a second request within one is about the same packet."""


class History:
    """The frames of the last second; of a few round trips, or a few frames, where those are longer."""

    def __init__(self) -> None:
        self.round_trip_time = 0.0
        self.queue = 0.0
        """Both in seconds; the queue is what a round trip of now takes longer."""
        self._frames: deque[SentFrame] = deque()
        self._bytes = 0
        self._packets = 0
        self._asked_at: dict[int, float] = {}

    def add(self, frame: SentFrame) -> None:
        """Remember a frame."""
        self._frames.append(frame)
        self._bytes += sum(map(len, frame.payloads))
        self._packets += len(frame.payloads)
        self._forget(frame.sent_at)

    def clear(self) -> None:
        """Give all of it up."""
        self._frames.clear()
        self._asked_at.clear()
        self._bytes = self._packets = 0

    def sent_at(self, number: int) -> float | None:
        """When the packet with this sequence number was sent, as far as is known."""
        found = self._locate(number)
        return None if found is None else found[0].sent_at

    def find(self, number: int, now: float) -> tuple[SentFrame, int] | None:
        """The frame and the index of the payload that was sent under this sequence number.

        None when it is not known any more, and when it was asked for within this round trip.
        """
        self._forget(now)
        pause = max(self.round_trip_time, self.queue, MIN_INTERVAL)
        if now - self._asked_at.get(number, -inf) < pause:
            return None
        found = self._locate(number)
        if found is not None:
            self._asked_at[number] = now
        return found

    def _locate(self, number: int) -> tuple[SentFrame, int] | None:
        if not self._frames:
            return None
        # The numbers of the frames only rise, counted from the oldest: a viewer may ask for thousands at once.
        oldest = self._frames[0].sequence_number
        after = bisect_right(
            self._frames, (number - oldest) & 0xFFFF, key=lambda frame: (frame.sequence_number - oldest) & 0xFFFF
        )
        frame = self._frames[after - 1]
        index = (number - frame.sequence_number) & 0xFFFF
        return (frame, index) if index < len(frame.payloads) else None

    def _forget(self, now: float) -> None:
        seconds = min(max(HISTORY_SECONDS, ROUND_TRIPS * self.round_trip_time), MAX_HISTORY_SECONDS)
        while self._frames and self._is_too_much(now, seconds):
            frame = self._frames.popleft()
            self._bytes -= sum(map(len, frame.payloads))
            self._packets -= len(frame.payloads)
            if self._asked_at:
                for index in range(len(frame.payloads)):
                    self._asked_at.pop((frame.sequence_number + index) & 0xFFFF, None)

    def _is_too_much(self, now: float, seconds: float) -> bool:
        age = now - self._frames[0].sent_at
        is_old = age > (seconds if len(self._frames) > MIN_FRAMES else MAX_HISTORY_SECONDS)
        return is_old or self._bytes > MAX_BYTES or self._packets > MAX_PACKETS
