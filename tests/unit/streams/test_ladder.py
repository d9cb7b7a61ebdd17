"""Frame rate and size for a bitrate, and how seldom they change."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.streams.ladder import (
    DOWN_AFTER,
    LARGE_SLOWEST,
    MIN_BITS_PER_PIXEL,
    UP_AFTER,
    UP_BITS_PER_PIXEL,
    QualityLadder,
    Rung,
    rungs,
)

WIDTH, HEIGHT, FPS = 1280, 720, 30.0
FULL = Rung(Fraction(1), FPS)


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.ladder = QualityLadder(WIDTH, HEIGHT, FPS, clock=lambda: self.now)

    def choose_for(self, bitrate: int, seconds: float) -> Rung:
        """Return the rung after `seconds` at a bitrate that is chosen for ten times a second."""
        for _ in range(round(10 * seconds)):
            self.now += 0.1
            self.ladder.choose(bitrate)
        return self.ladder.rung


@pytest.fixture
def bench() -> Bench:
    return Bench()


def needed(rung: Rung, bits_per_pixel: float) -> int:
    return round(WIDTH * HEIGHT * float(rung.scale) ** 2 * rung.fps * bits_per_pixel)


def test_first_the_frame_rate_falls_and_then_the_size() -> None:
    ladder = rungs(WIDTH, HEIGHT, FPS)
    assert ladder[:4] == (FULL, Rung(Fraction(1), 20.0), Rung(Fraction(1), 15.0), Rung(Fraction(3, 4), 15.0))


@given(st.integers(64, 3840), st.integers(36, 2160), st.floats(1, 120))
def test_no_rung_has_more_of_anything_than_the_one_above(width: int, height: int, fps: float) -> None:
    ladder = rungs(width, height, fps)
    assert ladder[0] == Rung(Fraction(1), fps)
    assert len(ladder) < 20
    for above, below in pairwise(ladder):
        assert below.scale <= above.scale
        assert below.fps <= above.fps
        assert below != above


def test_a_large_picture_keeps_a_frame_rate_that_looks_like_motion() -> None:
    assert min(rung.fps for rung in rungs(1920, 1080, 60) if rung.scale == 1) == LARGE_SLOWEST


def test_enough_bitrate_leaves_the_picture_as_it_is(bench: Bench) -> None:
    assert bench.choose_for(needed(FULL, MIN_BITS_PER_PIXEL), 60) == FULL


def test_a_short_dip_changes_nothing(bench: Bench) -> None:
    assert bench.choose_for(100_000, DOWN_AFTER - 0.2) == FULL
    assert bench.choose_for(2_500_000, 10) == FULL


def test_it_goes_down_as_far_as_the_bitrate_demands_in_one_step(bench: Bench) -> None:
    assert bench.choose_for(200_000, DOWN_AFTER + 0.1) == Rung(Fraction(3, 4), 15.0)


def test_a_collapse_is_answered_at_once(bench: Bench) -> None:
    assert bench.ladder.choose(200_000, at_once=True) == Rung(Fraction(3, 4), 15.0)


def test_too_little_for_anything_is_answered_with_the_least(bench: Bench) -> None:
    assert bench.choose_for(1, 5) == rungs(WIDTH, HEIGHT, FPS)[-1]


def test_it_goes_up_one_rung_at_a_time_in_the_same_order(bench: Bench) -> None:
    bench.choose_for(200_000, 1)
    seen = [bench.ladder.rung]
    for _ in range(600):
        rung = bench.choose_for(2_500_000, 0.1)
        if rung != seen[-1]:
            seen.append(rung)
    assert seen == list(reversed(rungs(WIDTH, HEIGHT, FPS)[:4]))


def test_it_does_not_go_up_for_what_would_not_last(bench: Bench) -> None:
    bench.choose_for(300_000, 1)
    above = Rung(Fraction(1), 20.0)
    assert bench.ladder.rung == Rung(Fraction(1), 15.0)
    assert bench.choose_for(needed(above, UP_BITS_PER_PIXEL) - 1000, 120) != above
    assert bench.choose_for(needed(above, UP_BITS_PER_PIXEL) + 1, UP_AFTER + 0.3) == above


def test_a_bitrate_that_swings_changes_it_a_few_times_a_minute(bench: Bench) -> None:
    changes = 0
    for minute in range(10):
        for _ in range(6):
            for bitrate in (200_000, 2_500_000):
                before = bench.ladder.rung
                bench.choose_for(bitrate, 5)
                changes += bench.ladder.rung != before
        if minute == 1:
            changes = 0  # the back-off has grown by then
    assert changes <= 8 * 4


def test_a_bitrate_that_swings_at_random_never_makes_it_change_often(bench: Bench) -> None:
    noise = random.Random(1)
    changes: list[float] = []
    for _ in range(3000):
        before = bench.ladder.rung
        bench.choose_for(round(noise.choice((0.2, 0.5, 1.0, 2.0)) * 800_000), 0.2)
        if bench.ladder.rung != before:
            changes.append(bench.now)
    busiest = max(sum(at <= other < at + 60 for other in changes) for at in changes)
    assert busiest <= 8
