from __future__ import annotations

import pickle

import pytest

from sidecar.media.meters import Percentiles, RateMeter
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_rate_counts_the_last_second_only(clock: Clock) -> None:
    meter = RateMeter(clock=clock)
    for _ in range(90):
        clock.now += 1 / 30
        meter.add()
    assert meter.rate() == pytest.approx(30, abs=1)
    clock.now += 0.5
    assert meter.rate() == pytest.approx(15, abs=1)
    clock.now += 0.6
    assert meter.rate() == 0


def test_amounts_are_summed_and_divided_by_the_window(clock: Clock) -> None:
    meter = RateMeter(window=4.0, clock=clock)
    meter.add(1000)
    clock.now += 1
    meter.add(3000)
    assert meter.rate() == 1000
    clock.now += 3.5
    assert meter.rate() == 750


def test_memory_is_bounded_whatever_the_rate(clock: Clock) -> None:
    meter = RateMeter(clock=clock)
    for _ in range(50_000):
        clock.now += 0.0001
        meter.add()
    assert meter.rate() == pytest.approx(10_000, rel=0.02)
    assert len(pickle.dumps(meter)) < 5_000


def test_percentiles_are_by_nearest_rank(clock: Clock) -> None:
    values = Percentiles(clock=clock)
    for value in range(500, 0, -1):
        values.add(value)
    assert [values.percentile(percent) for percent in (0, 1, 50, 95, 100)] == [1, 5, 250, 475, 500]


def test_percentiles_without_values_are_none(clock: Clock) -> None:
    assert Percentiles(clock=clock).percentile(50) is None


def test_old_values_and_too_many_are_forgotten(clock: Clock) -> None:
    values = Percentiles(size=10, window=5.0, clock=clock)
    values.add(1000)
    clock.now += 5
    assert values.percentile(100) is None
    for value in range(20):
        values.add(value)
    assert values.percentile(0) == 10
