"""The effect of a queueing delay on the limit, from one report to the next."""

from __future__ import annotations

import pytest

from sidecar.congestion.delay_based import (
    COLLAPSE_INTERVAL,
    FORGET_SECONDS,
    HIGH_FOR,
    LEARN_SECONDS,
    MAX_IN_VAIN,
    DelayBasedControl,
)
from sidecar.congestion.delivery import Delivery

TARGET = 2_000_000
EVERY = 0.0625


class Bench:
    def __init__(self) -> None:
        self.now = 50.0
        self.control = DelayBasedControl(self.now)

    def tell(
        self,
        queue: float,
        rate: float | None = None,
        *,
        seconds: float = EVERY,
        sent: float = TARGET,
        loss: float = 0.0,
        newest_queue: float | None = None,
        is_lossy: bool = False,
    ) -> bool:
        """Reports over so many seconds, all alike; whether one told of a collapse."""
        newest = queue if newest_queue is None else newest_queue
        has_collapsed = False
        for _ in range(max(round(seconds / EVERY), 1)):
            self.now += EVERY
            has_collapsed |= self.control.on_delivery(
                Delivery(queue, newest, rate, loss), sent, TARGET, self.now, is_lossy=is_lossy
            )
        return has_collapsed

    @property
    def limit(self) -> float:
        assert self.control.limit is not None
        return self.control.limit


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_at_first_what_is_aimed_at_is_the_limit_and_it_rises(bench: Bench) -> None:
    bench.tell(0.0)
    assert bench.control.limit is None
    bench.tell(0.0, seconds=LEARN_SECONDS)
    assert bench.limit == TARGET
    bench.tell(0.0, seconds=2.0)
    assert bench.limit == pytest.approx(TARGET * 1.25**2, rel=0.05)


def test_where_packets_are_lost_it_is_no_more_than_what_was_aimed_at_first(bench: Bench) -> None:
    bench.tell(0.0, seconds=4.0)
    assert bench.limit > TARGET
    bench.tell(0.0, is_lossy=True)
    assert bench.limit == TARGET
    bench.tell(0.2, 1_500_000)
    bench.tell(0.0, seconds=30.0, is_lossy=True)
    assert bench.limit == TARGET


def test_what_is_not_sent_is_not_tried(bench: Bench) -> None:
    bench.tell(0.0, seconds=30.0, sent=100_000)
    assert bench.limit == TARGET


def test_a_short_queue_of_a_keyframe_changes_nothing(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    before = bench.limit
    bench.tell(0.1, 1_500_000, seconds=HIGH_FOR - EVERY)
    bench.tell(0.05, 1_500_000)
    assert bench.limit == before


def test_a_queue_that_stays_lowers_the_limit_below_what_comes_through(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    assert not bench.tell(0.1, 1_500_000, seconds=HIGH_FOR + 2 * EVERY)
    assert bench.limit == pytest.approx(1_500_000 * 0.85)


def test_a_long_queue_lowers_it_at_once(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    bench.tell(0.2, 1_500_000)
    assert bench.limit == pytest.approx(1_500_000 * 0.8)


def test_while_the_queue_drains_nothing_changes_and_then_the_limit_returns(bench: Bench) -> None:
    bench.tell(0.2, 1_500_000)
    for queue in (0.18, 0.14, 0.1, 0.06, 0.04):
        bench.tell(queue, 1_500_000, sent=1_200_000)
        assert bench.limit == pytest.approx(1_200_000)
    bench.tell(0.0, sent=1_200_000, seconds=0.5)
    assert bench.limit == pytest.approx(0.9 * 1_500_000, rel=0.03)


def test_a_queue_that_does_not_get_shorter_lowers_it_again(bench: Bench) -> None:
    bench.tell(0.2, 1_500_000)
    before = bench.limit
    bench.tell(0.19, 1_500_000, seconds=1.0 + EVERY, sent=1_600_000)
    assert bench.limit < 0.9 * before


def test_less_than_half_of_what_is_sent_is_a_collapse_and_is_told_once(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    assert bench.tell(0.05, 600_000, newest_queue=0.12)
    assert not bench.tell(0.2, 600_000, seconds=COLLAPSE_INTERVAL - 2 * EVERY)
    assert bench.limit < 600_000


def test_loss_from_a_long_queue_is_a_collapse(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    assert bench.tell(0.1, 1_700_000, loss=0.2)
    assert bench.limit < 1_700_000


def test_loss_without_a_queue_is_none(bench: Bench) -> None:
    assert not bench.tell(0.01, 1_700_000, loss=0.5, seconds=3.0)
    assert bench.limit > TARGET


def test_a_queueing_delay_that_no_decrease_lowers_is_a_grown_base_delay(bench: Bench) -> None:
    bench.tell(0.0, seconds=2.0)
    bench.tell(0.25, bench.limit)
    for _ in range(MAX_IN_VAIN):
        assert not bench.control.base_delay_has_grown
        bench.tell(0.25, bench.limit, seconds=1.0, sent=0.95 * bench.limit)
    assert bench.control.base_delay_has_grown
    bench.control.forget_path()
    assert not bench.control.base_delay_has_grown


def test_a_known_capacity_is_not_estimated_above_the_sent_bitrate(bench: Bench) -> None:
    bench.tell(0.2, 500_000, sent=600_000)
    bench.tell(0.0, seconds=20.0, sent=400_000)
    assert bench.limit <= 1.25 * 400_000


def test_a_known_bottleneck_rate_is_forgotten_in_the_end(bench: Bench) -> None:
    bench.tell(0.2, 500_000, sent=600_000)
    bench.tell(0.0, seconds=FORGET_SECONDS + 10, sent=400_000)
    assert bench.limit == pytest.approx(2.5 * 400_000, rel=0.05)


def test_far_beyond_what_was_once_too_much_it_rises_fast(bench: Bench) -> None:
    bench.tell(0.2, 500_000, sent=600_000)
    bench.tell(0.0, seconds=4.0)
    slowly = bench.limit
    bench.tell(0.0, seconds=1.0)
    assert bench.limit == pytest.approx(1.25 * slowly, rel=0.05)
