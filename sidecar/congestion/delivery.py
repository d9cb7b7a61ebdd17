"""The queueing delay and the bottleneck rate of a path, measured from send times and arrival times."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from sidecar.congestion.reports import Arrival

MAX_PACKETS: Final = 1 << 13
MAX_SECONDS: Final = 3.0
"""Limits of the record of sent packets. Reports arrive some twenty times a second. The record is short enough
that every transport-wide sequence number is unambiguous."""

BASE_DELAY_WINDOW: Final = 20
"""Seconds in which the lowest one-way delay counts as the base delay, the delay without a queue. The clocks of sender
and viewer drift apart by a millisecond or two in this time."""

QUEUED: Final = 0.02
"""Seconds of queueing delay from which on a packet has queued behind others: such packets arrive at the bottleneck
rate."""

RATE_SECONDS: Final = 0.15
RATE_AT_LEAST: Final = 0.03
"""The bottleneck rate is measured over the last RATE_SECONDS, two or three reports, and over RATE_AT_LEAST or more."""

MAX_QUEUEING_DELAY: Final = 10.0
"""Seconds. No network queues packets for longer: a higher value means that a clock was set."""


class Delivery(NamedTuple):
    """The measurements of one report.

    `queueing_delay` is that of the packet that queued least, in seconds: its one-way delay less the base delay.
    `newest_queueing_delay` is that of the packet that arrived last. `bottleneck_rate` is the rate, in bits per second,
    at which queued packets arrived; None when no packet was queued. `loss` is the part of the packets (0 to 1) that has
    not arrived.
    """

    queueing_delay: float
    newest_queueing_delay: float
    bottleneck_rate: float | None
    loss: float


_Packet = tuple[float, float, int]
"""A packet that has arrived: its arrival time on the viewer's clock, its one-way delay plus the clocks' offset, and its
size in bytes."""


class DeliveryMeter:
    """Matches sent packets with their arrivals."""

    def __init__(self) -> None:
        self._sent: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self._lowest_delays: deque[tuple[float, float]] = deque()  # a second's start, and the lowest delay in it
        self._queued: deque[_Packet] = deque()
        self._newest: int | None = None

    def on_sent(self, number: int, size: int, now: float) -> None:
        """Record a packet of `size` bytes that left under this transport-wide sequence number."""
        sent = self._sent
        sent[number] = now, size
        while len(sent) > MAX_PACKETS or now - next(iter(sent.values()))[0] > MAX_SECONDS:
            sent.popitem(last=False)

    def forget_path(self) -> None:
        """Forget the base delay: the next packets may take another path."""
        self._lowest_delays.clear()
        self._queued.clear()

    @property
    def bytes_in_flight(self) -> int:
        """Bytes sent after the last packet that is known to have arrived."""
        total = 0
        for number, (_, size) in reversed(self._sent.items()):
            if number == self._newest:
                break
            total += size
        return total

    def on_arrivals(self, arrivals: Iterable[Arrival], now: float) -> Delivery | None:
        """Return the measurements of a report; None when it names no packet on record."""
        arrived, lost = self._match(arrivals)
        if not arrived:
            return None
        lowest = min(delay for _, delay, _ in arrived)
        base = self._base_delay(lowest, now)
        if lowest - base > MAX_QUEUEING_DELAY:
            self.forget_path()
            return None
        self._keep_queued(arrived, base)
        loss = lost / (lost + len(arrived))
        return Delivery(lowest - base, arrived[-1][1] - base, self._bottleneck_rate(), loss)

    def _match(self, arrivals: Iterable[Arrival]) -> tuple[list[_Packet], int]:
        """Return the packets on record that have arrived, in the order of arrival, and how many have not."""
        arrived: list[_Packet] = []
        lost = 0
        for number, at in arrivals:
            sent = self._sent.get(number)
            if sent is not None and at is not None:
                arrived.append((at, at - sent[0], sent[1]))
                self._newest = number
            elif sent is not None:
                lost += 1
        arrived.sort()
        return arrived, lost

    def _base_delay(self, delay: float, now: float) -> float:
        if self._lowest_delays and now - self._lowest_delays[-1][0] < 1.0:
            started_at, lowest = self._lowest_delays.pop()
            self._lowest_delays.append((started_at, min(lowest, delay)))
        else:
            self._lowest_delays.append((now, delay))
        while now - self._lowest_delays[0][0] > BASE_DELAY_WINDOW:
            self._lowest_delays.popleft()
        return min(lowest for _, lowest in self._lowest_delays)

    def _keep_queued(self, arrived: list[_Packet], base: float) -> None:
        queued = self._queued
        for packet in arrived:
            if packet[1] - base > QUEUED:
                queued.append(packet)
            else:
                queued.clear()
        while queued and queued[0][0] < queued[-1][0] - RATE_SECONDS:
            queued.popleft()

    def _bottleneck_rate(self) -> float | None:
        if not self._queued:
            return None
        seconds = self._queued[-1][0] - self._queued[0][0]
        if seconds < RATE_AT_LEAST:
            return None
        return 8 * (sum(size for _, _, size in self._queued) - self._queued[0][2]) / seconds
