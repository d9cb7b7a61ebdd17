"""Sent packets that can be retransmitted (RFC 4585, 6.2.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import inf
from typing import Final

from sidecar.congestion.round_trips import PathDelays
from sidecar.webrtc.rtp.packets import SentFrame

MIN_FRAMES: Final = 8
"""The number of frames that are kept longer at a low frame rate: a receiver notices a missing frame only with the next
frame, and all later frames refer to the missing one."""

ROUND_TRIPS: Final = 3
"""The round trips for which frames are kept: a NACK arrives after one, the NACK of a lost retransmission after two."""

MAX_HISTORY_SECONDS: Final = 4.0
MAX_BYTES: Final = 8 << 20
"""A second at the highest bitrate. All viewers share the payloads."""

MAX_PACKETS: Final = 1 << 14
"""A quarter of the sequence number space, so that none is ambiguous."""

MIN_INTERVAL: Final = 0.01
"""Seconds between two retransmissions of a packet while no round-trip time is known."""


class History:
    """The frames of the last second, of a few round trips, or the last few frames, whichever reaches back furthest."""

    def __init__(self, path: PathDelays, seconds: float) -> None:
        """`path` is the live view of the path's delays, `seconds` how long frames are kept at least."""
        self._path = path
        self._seconds = seconds
        self._frames: deque[SentFrame] = deque()
        self._bytes = 0
        self._packets = 0
        self._retransmitted_at: dict[int, float] = {}

    def add(self, frame: SentFrame) -> None:
        """Remember a frame."""
        self._frames.append(frame)
        self._bytes += sum(map(len, frame.payloads))
        self._packets += len(frame.payloads)
        self._forget(frame.sent_at)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self._retransmitted_at.clear()
        self._bytes = self._packets = 0

    def sent_at(self, number: int) -> float | None:
        """Return when the packet with this sequence number was sent, None when it is not remembered."""
        found = self._locate(number)
        return None if found is None else found[0].sent_at

    def find(self, number: int, now: float) -> tuple[SentFrame, int] | None:
        """Return the frame and the index of the payload that was sent under this sequence number.

        None when it is not remembered, and when it was found before within this round trip: a second request then is
        about the same loss.
        """
        self._forget(now)
        interval = max(self._path.round_trip_time or 0.0, self._path.queueing_delay, MIN_INTERVAL)
        if now - self._retransmitted_at.get(number, -inf) < interval:
            return None
        found = self._locate(number)
        if found is not None:
            self._retransmitted_at[number] = now
        return found

    def _locate(self, number: int) -> tuple[SentFrame, int] | None:
        if not self._frames:
            return None
        # Bisection: the frames' numbers rise from the oldest on, and a NACK may name thousands of packets.
        oldest = self._frames[0].sequence_number
        after = bisect_right(
            self._frames, (number - oldest) & 0xFFFF, key=lambda frame: (frame.sequence_number - oldest) & 0xFFFF
        )
        frame = self._frames[after - 1]
        index = (number - frame.sequence_number) & 0xFFFF
        return (frame, index) if index < len(frame.payloads) else None

    def _forget(self, now: float) -> None:
        seconds = min(max(self._seconds, ROUND_TRIPS * (self._path.round_trip_time or 0.0)), MAX_HISTORY_SECONDS)
        while self._frames and self._is_too_much(now, seconds):
            frame = self._frames.popleft()
            self._bytes -= sum(map(len, frame.payloads))
            self._packets -= len(frame.payloads)
            if self._retransmitted_at:
                for index in range(len(frame.payloads)):
                    self._retransmitted_at.pop((frame.sequence_number + index) & 0xFFFF, None)

    def _is_too_much(self, now: float, seconds: float) -> bool:
        age = now - self._frames[0].sent_at
        is_old = age > (seconds if len(self._frames) > MIN_FRAMES else MAX_HISTORY_SECONDS)
        return is_old or self._bytes > MAX_BYTES or self._packets > MAX_PACKETS
