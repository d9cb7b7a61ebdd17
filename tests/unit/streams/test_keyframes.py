"""The keyframe limiter, on a clock that the test turns."""

from __future__ import annotations

import heapq
import weakref
from collections.abc import Callable
from itertools import count

import pytest

from sidecar.streams.keyframes import KeyframeLimiter, KeyframePolicy, KeyframeRequester

POLICY = KeyframePolicy()


class Timer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self._due = due
        self.call: Callable[[], None] | None = call

    def when(self) -> float:
        return self._due

    def cancel(self) -> None:
        self.call = None


class Clock:
    """A scheduler with a clock that the test turns."""

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
    """Gives a keyframe for each request, at once unless `is_quick` is False."""

    def __init__(self, clock: Clock) -> None:
        self.requests = 0
        self.is_quick = True
        self._clock = clock
        self.keyframes = KeyframeLimiter(self._request, POLICY, clock)
        self._requesters: dict[str, KeyframeRequester] = {}

    def _request(self) -> None:
        self.requests += 1
        if self.is_quick:
            self._clock.call_at(self._clock.now, self.keyframes.keyframe_encoded)

    def want(self, requester: str | None = None) -> None:
        """Request a keyframe for the requester with this name; without a name, for a new subscription."""
        self.keyframes.request(None if requester is None else self.requester_of(requester))

    def requester_of(self, requester: str) -> KeyframeRequester:
        return self._requesters.setdefault(requester, KeyframeRequester())

    def forget(self, requester: str) -> None:
        del self._requesters[requester]

    def storm(self, seconds: float, *requesters: str, interval: float = 0.01) -> int:
        """Return the number of keyframes while every requester requests one each `interval` seconds."""
        before = self.requests
        for _ in range(round(seconds / interval)):
            for requester in requesters:
                self.want(requester)
            self._clock.turn(interval)
        return self.requests - before


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def encoder(clock: Clock) -> Encoder:
    return Encoder(clock)


def test_the_first_request_goes_through_at_once(encoder: Encoder) -> None:
    encoder.want()
    assert encoder.requests == 1


def test_requests_before_the_keyframe_comes_are_covered_by_it(encoder: Encoder, clock: Clock) -> None:
    encoder.is_quick = False
    for requester in (None, "a", "b"):
        encoder.want(requester)
    clock.turn(60)
    assert encoder.requests == 1


def test_requests_soon_after_a_keyframe_become_one_later(encoder: Encoder, clock: Clock) -> None:
    encoder.want()
    clock.turn(0)
    for _ in range(10):
        encoder.want()
    assert encoder.requests == 1
    clock.turn(POLICY.interval)
    assert encoder.requests == 2


def test_a_request_that_waits_is_covered_by_a_keyframe_that_comes_for_another_reason(
    encoder: Encoder, clock: Clock
) -> None:
    encoder.want("a")
    clock.turn(0)
    encoder.want("a")
    encoder.keyframes.keyframe_encoded()
    clock.turn(60)
    assert encoder.requests == 1


def test_a_requester_that_requests_all_the_time_gets_few(encoder: Encoder) -> None:
    encoder.storm(10, "a")
    assert encoder.storm(60, "a") <= 60 / POLICY.longest_wait


def test_a_storm_from_many_gets_no_more_than_the_budget(encoder: Encoder) -> None:
    requesters = [f"viewer {number}" for number in range(32)]
    assert encoder.storm(30, *requesters, interval=0.05) <= POLICY.burst + 30 / POLICY.refill + 1


def test_a_requester_that_requests_all_the_time_does_not_delay_the_others(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(10, "a")
    clock.turn(POLICY.interval)
    before = encoder.requests
    encoder.want("b")
    assert encoder.requests == before + 1


def test_a_new_subscription_waits_for_the_interval_only_even_in_a_storm(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(5, "a", "b", "c")
    before = encoder.requests
    encoder.want()
    clock.turn(POLICY.interval)
    assert encoder.requests == before + 1


def test_a_requester_that_was_quiet_is_served_at_once_again(encoder: Encoder, clock: Clock) -> None:
    encoder.storm(10, "a")
    clock.turn(10 * POLICY.longest_wait)
    before = encoder.requests
    encoder.want("a")
    assert encoder.requests == before + 1


def test_a_withdrawn_requester_is_not_kept(encoder: Encoder) -> None:
    encoder.storm(1, "a")
    encoder.want("a")
    requester = weakref.ref(encoder.requester_of("a"))
    encoder.keyframes.withdraw(encoder.requester_of("a"))
    encoder.forget("a")
    assert requester() is None


def test_a_closed_limiter_requests_no_more(encoder: Encoder, clock: Clock) -> None:
    encoder.want()
    clock.turn(0)
    encoder.want()
    encoder.keyframes.close()
    clock.turn(60)
    assert encoder.requests == 1
