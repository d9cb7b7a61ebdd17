from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from sidecar.limits import KEYFRAME_BURST, KEYFRAME_INTERVAL, KEYFRAME_MAX_WAIT, KEYFRAME_REFILL
from sidecar.streams.keyframes import KeyframeRequests


class Timer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self._due = due
        self.call: Callable[[], None] | None = call

    def when(self) -> float:
        return self._due

    def cancel(self) -> None:
        self.call = None


class Clock:
    """The loop's clock, turned by the test."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None]) -> Timer:
        timer = Timer(when, call)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def turn(self, seconds: float) -> None:
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            self.now, _, timer = heapq.heappop(self._timers)
            if timer.call is not None:
                timer.call()
        self.now = end


class Encoder:
    """Gives a keyframe for each request, at once or when the test says so."""

    def __init__(self, clock: Clock) -> None:
        self.requests = 0
        self.is_quick = True
        self._clock = clock
        self.keyframes = KeyframeRequests(self._request)

    def _request(self) -> None:
        self.requests += 1
        if self.is_quick:
            self._clock.call_at(self._clock.now, self.keyframes.came)

    def storm(self, seconds: float, *askers: str, interval: float = 0.01) -> int:
        """How many keyframes it costs when all of `askers` ask all the time."""
        before = self.requests
        for _ in range(round(seconds / interval)):
            for asker in askers:
                self.keyframes.want(asker)
            self._clock.turn(interval)
        return self.requests - before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    turned = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: turned)
    yield turned
    monkeypatch.undo()


@pytest.fixture
def encoder(clock: Clock) -> Encoder:
    return Encoder(clock)


def test_the_first_request_goes_through_at_once(encoder: Encoder) -> None:
    encoder.keyframes.want()
    assert encoder.requests == 1


def test_requests_before_the_keyframe_comes_are_covered_by_it(encoder: Encoder, clock: Clock) -> None:
    encoder.is_quick = False
    for asker in (None, "a", "b"):
        encoder.keyframes.want(asker)
    clock.turn(60)
    assert encoder.requests == 1


def test_requests_soon_after_a_keyframe_become_one_later(encoder: Encoder, clock: Clock) -> None:
    encoder.keyframes.want()
    clock.turn(0)
    for _ in range(10):
        encoder.keyframes.want()
    assert encoder.requests == 1
    clock.turn(KEYFRAME_INTERVAL)
    assert encoder.requests == 2


def test_a_request_that_waits_is_covered_by_a_keyframe_that_comes_for_another_reason(
    encoder: Encoder, clock: Clock
) -> None:
    encoder.keyframes.want("a")
    clock.turn(0)
    encoder.keyframes.want("a")
    encoder.keyframes.came()
    clock.turn(60)
    assert encoder.requests == 1


def test_one_that_asks_all_the_time_gets_few(encoder: Encoder) -> None:
    encoder.storm(10, "a")
    assert encoder.storm(60, "a") <= 60 / KEYFRAME_MAX_WAIT


def test_a_storm_from_many_gets_no_more_than_the_budget(encoder: Encoder) -> None:
    askers = [f"viewer {number}" for number in range(32)]
    assert encoder.storm(30, *askers, interval=0.05) <= KEYFRAME_BURST + 30 / KEYFRAME_REFILL + 1


def test_one_that_asks_all_the_time_does_not_keep_the_others_waiting(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(10, "a")
    clock.turn(KEYFRAME_INTERVAL)
    before = encoder.requests
    encoder.keyframes.want("b")
    assert encoder.requests == before + 1


def test_a_new_viewer_waits_for_nothing_but_the_interval_even_in_a_storm(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(5, "a", "b", "c")
    before = encoder.requests
    encoder.keyframes.want()
    clock.turn(KEYFRAME_INTERVAL)
    assert encoder.requests == before + 1


def test_one_that_was_quiet_is_served_at_once_again(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(10, "a")
    clock.turn(10 * KEYFRAME_MAX_WAIT)
    before = encoder.requests
    encoder.keyframes.want("a")
    assert encoder.requests == before + 1


def test_one_that_is_gone_leaves_nothing_behind(encoder: Encoder) -> None:
    encoder.storm(1, "a")
    encoder.keyframes.want("a")
    encoder.keyframes.forget("a")
    assert not encoder.keyframes._askers
    assert not encoder.keyframes._asking


def test_a_closed_one_asks_no_more(encoder: Encoder, clock: Clock) -> None:
    encoder.keyframes.want()
    clock.turn(0)
    encoder.keyframes.want()
    encoder.keyframes.close()
    clock.turn(60)
    assert encoder.requests == 1
