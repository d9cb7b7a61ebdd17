"""How fast the network delivers, and how long packets wait in its queues, from when they were sent and arrived."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from sidecar.webrtc.rtp.transport_feedback import Arrival

MAX_PACKETS: Final = 1 << 13
MAX_SECONDS: Final = 3.0
"""Remembered at most: reports come some twenty times a second, and far fewer packets than there are numbers leave none
ambiguous."""

SHORTEST_OF: Final = 20
"""Seconds in which the shortest way counts as the one without a queue. Two clocks drift apart by a millisecond or two
in so long."""

QUEUED: Final = 0.02
"""Seconds of waiting from which on a packet has found others before it: such packets come as fast as the link can."""

RATE_SECONDS: Final = 0.15
RATE_AT_LEAST: Final = 0.03
"""So many of the latest seconds are looked at for that rate, two or three reports, and at least so many are needed."""

MAX_QUEUE: Final = 10.0
"""Seconds. No network holds packets for longer: a clock was set anew."""


class Delivery(NamedTuple):
    """What a report tells.

    `queue` is in seconds: how much longer the packet that waited least was on its way than the fastest of late;
    `newest_queue` is that of the packet that arrived last. `rate` is in bits per second: how fast packets that had to
    wait came through, None when none had. `loss` is the part of the packets (0 to 1) that have not arrived.
    """

    queue: float
    newest_queue: float
    rate: float | None
    loss: float


class DeliveryMeter:
    """Matches what is sent with what arrives."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self._shortest: deque[tuple[float, float]] = deque()  # a second's begin, and the shortest way in it
        self._queued: deque[tuple[float, int]] = deque()
        self._newest: int | None = None

    def sent(self, number: int, size: int, now: float) -> None:
        """A packet of so many bytes has left under this transport-wide number."""
        self._sent[number] = now, size
        while len(self._sent) > MAX_PACKETS or now - next(iter(self._sent.values()))[0] > MAX_SECONDS:
            self._sent.popitem(last=False)

    def forget_path(self) -> None:
        """What comes next may take another path: its shortest way is not known."""
        self._shortest.clear()
        self._queued.clear()

    @property
    def in_flight(self) -> int:
        """Bytes that were sent after the last packet that is known to have arrived."""
        total = 0
        for number, (_, size) in reversed(self._sent.items()):
            if number == self._newest:
                break
            total += size
        return total

    def on_arrivals(self, arrivals: Iterable[Arrival]) -> Delivery | None:
        """A report came; None when it tells of no packet that is known."""
        ways: list[tuple[float, float, int]] = []
        lost = 0
        for number, at in arrivals:
            known = self._sent.get(number)
            if known is not None and at is not None:
                ways.append((at, at - known[0], known[1]))
                self._newest = number
            elif known is not None:
                lost += 1
        if not ways:
            return None
        ways.sort()
        shortest = min(way for _, way, _ in ways)
        base = self._shortest_way(shortest)
        if shortest - base > MAX_QUEUE:
            self.forget_path()
            return None
        self._take_queued(ways, base)
        return Delivery(shortest - base, ways[-1][1] - base, self._rate(), lost / (lost + len(ways)))

    def _shortest_way(self, way: float) -> float:
        now = self._clock()
        if self._shortest and now - self._shortest[-1][0] < 1.0:
            began_at, shortest = self._shortest.pop()
            self._shortest.append((began_at, min(shortest, way)))
        else:
            self._shortest.append((now, way))
        while now - self._shortest[0][0] > SHORTEST_OF:
            self._shortest.popleft()
        return min(shortest for _, shortest in self._shortest)

    def _take_queued(self, ways: list[tuple[float, float, int]], base: float) -> None:
        for at, way, size in ways:
            if way - base > QUEUED:
                self._queued.append((at, size))
            else:
                self._queued.clear()
        while self._queued and self._queued[0][0] < self._queued[-1][0] - RATE_SECONDS:
            self._queued.popleft()

    def _rate(self) -> float | None:
        if not self._queued:
            return None
        seconds = self._queued[-1][0] - self._queued[0][0]
        if seconds < RATE_AT_LEAST:
            return None
        return 8 * (sum(size for _, size in self._queued) - self._queued[0][1]) / seconds
