"""Measurements of a network of 1 Mbit/s, by a viewer's clock with another zero."""

from __future__ import annotations

import pytest

from sidecar.congestion.delivery import BASE_DELAY_WINDOW, MAX_PACKETS, MAX_SECONDS, Delivery, DeliveryMeter
from sidecar.congestion.reports import Arrival

SIZE = 1250
SECONDS = 8 * SIZE / 1_000_000
"""The seconds of a packet at 1 Mbit/s."""

ZERO = -40_000.0


class Bench:
    def __init__(self) -> None:
        self.now = 100.0
        self.meter = DeliveryMeter()
        self.number = 0

    def send(self, at: float) -> int:
        self.number += 1
        self.meter.on_sent(self.number & 0xFFFF, SIZE, at)
        return self.number & 0xFFFF

    def arrive(self, *delays: float | None, every: float = 0.02) -> list[Arrival]:
        """Send packets one after the other, and return their arrivals after one-way delays of `delays` seconds."""
        told = []
        for delay in delays:
            self.now += every
            number = self.send(self.now)
            told.append(Arrival(number, None if delay is None else self.now + delay + ZERO))
        return told

    def report(self, arrivals: list[Arrival]) -> Delivery | None:
        return self.meter.on_arrivals(arrivals, self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_without_a_queue_packets_wait_for_nothing_and_no_rate_is_known(bench: Bench) -> None:
    delivery = bench.report(bench.arrive(0.05, 0.05, 0.05))
    assert delivery is not None
    assert (delivery.queueing_delay, delivery.newest_queueing_delay) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert (delivery.bottleneck_rate, delivery.loss) == (None, 0.0)


def test_the_queueing_delay_is_the_one_way_delay_above_the_lowest_recent_one(bench: Bench) -> None:
    bench.report(bench.arrive(0.05))
    delivery = bench.report(bench.arrive(0.13, 0.12, 0.15))
    assert delivery is not None
    assert delivery.queueing_delay == pytest.approx(0.07)
    assert delivery.newest_queueing_delay == pytest.approx(0.1)


def test_packets_that_waited_come_as_fast_as_the_link_can(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    sent_every = SECONDS / 3
    delays = [0.03 + number * (SECONDS - sent_every) for number in range(20)]
    delivery = bench.report(bench.arrive(*delays, every=sent_every))
    assert delivery is not None
    assert delivery.bottleneck_rate == pytest.approx(1_000_000, rel=0.01)


def test_one_packet_without_a_queue_begins_the_count_anew(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    delivery = bench.report(bench.arrive(*[0.05] * 5, 0.0))
    assert delivery is not None
    assert delivery.bottleneck_rate is None


def test_a_viewer_that_was_busy_is_no_queue(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    delivery = bench.report(bench.arrive(0.3, 0.2, 0.1, 0.001, every=0.1))
    assert delivery is not None
    assert delivery.queueing_delay < 0.01


def test_the_part_that_is_lost_is_told(bench: Bench) -> None:
    delivery = bench.report(bench.arrive(0.05, None, 0.05, None))
    assert delivery is not None
    assert delivery.loss == 0.5


def test_a_report_about_unknown_packets_or_only_lost_ones_tells_nothing(bench: Bench) -> None:
    assert bench.report([Arrival(9999, 1.0)]) is None
    assert bench.report(bench.arrive(None, None)) is None
    assert bench.report([]) is None


def test_a_delay_that_stays_higher_becomes_the_base_delay(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    for _ in range(int(BASE_DELAY_WINDOW) + 2):
        delivery = bench.report(bench.arrive(0.2, every=1.0))
    assert delivery is not None
    assert delivery.queueing_delay == pytest.approx(0.0)


def test_after_a_change_of_the_path_its_base_delay_is_measured_anew(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    bench.meter.forget_path()
    delivery = bench.report(bench.arrive(0.2))
    assert delivery is not None
    assert delivery.queueing_delay == 0.0


def test_a_clock_that_was_set_anew_is_no_queue(bench: Bench) -> None:
    bench.report(bench.arrive(0.0))
    assert bench.report(bench.arrive(3600.0)) is None
    delivery = bench.report(bench.arrive(3600.0))
    assert delivery is not None
    assert delivery.queueing_delay == 0.0


def test_what_was_sent_since_the_newest_arrival_is_in_flight(bench: Bench) -> None:
    bench.report(bench.arrive(0.0, 0.0))
    assert bench.meter.bytes_in_flight == 0
    bench.send(bench.now)
    bench.send(bench.now)
    assert bench.meter.bytes_in_flight == 2 * SIZE


def test_the_packets_that_are_remembered_are_bounded(bench: Bench) -> None:
    for _ in range(3 * MAX_PACKETS):
        bench.send(bench.now)
    assert bench.meter.bytes_in_flight == MAX_PACKETS * SIZE
    bench.send(bench.now + MAX_SECONDS + 0.1)
    assert bench.meter.bytes_in_flight == SIZE
