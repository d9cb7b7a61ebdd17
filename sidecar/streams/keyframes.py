"""The keyframe limiter of one rendition: many requests, few keyframes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol


class KeyframePolicy(NamedTuple):
    """The limits of the keyframes that are requested of an encoder. A keyframe costs as much as several other pictures.

    `interval`: seconds between two keyframes. At 0.2 s a late viewer waits less than 300 ms for its first picture.
    `burst` and `refill`: keyframes that subscribers may request in a row, and the seconds after which the budget grows
    by one. A keyframe takes the bits of a sixth of a second.
    `longest_wait`: the longest back-off in seconds of one subscriber that keeps requesting, so that it gets at most
    half of the budget.
    """

    interval: float = 0.2
    burst: int = 6
    refill: float = 1.0
    longest_wait: float = 2.0


class Timer(Protocol):
    """A scheduled call (asyncio.TimerHandle)."""

    def when(self) -> float:
        """Return the time of the call, on the scheduler's clock."""

    def cancel(self) -> None:
        """Cancel the call."""


class Scheduler(Protocol):
    """A clock and its timers: an event loop."""

    def time(self) -> float:
        """Return the time in seconds."""

    def call_at(self, when: float, callback: Callable[[], None], /) -> Timer:
        """Call `callback` at the time `when`."""


class KeyframeRequester:
    """The keyframe requests of one subscriber.

    `is_waiting`: it has requested a keyframe that has not been encoded yet. `wait`: the back-off in seconds after the
    last keyframe that it requested; `until`: the end of that back-off, on the event loop's clock.
    """

    def __init__(self) -> None:
        self.is_waiting = False
        self.wait = 0.0
        self.until = 0.0

    def back_off(self, now: float, policy: KeyframePolicy) -> None:
        """Begin the back-off after a requested keyframe: twice as long as the last one if it follows soon."""
        is_repeated = self.wait > 0 and now - self.until <= self.wait
        self.wait = min(self.wait * 2, policy.longest_wait) if is_repeated else policy.interval
        self.until = now + self.wait
        self.is_waiting = False


class KeyframeLimiter:
    """Turns PLI, FIR, new subscriptions and overflows into few requests to the encoder.

    The first request reaches the encoder at once. Further requests before its keyframe add
    no keyframe. Requests less than `policy.interval` seconds after a keyframe wait until the interval has passed, and
    then become one request.
    Two more limits hold for requests by a KeyframeRequester: its back-off doubles with each request in a row, and all
    requesters share the budget of `policy.burst` and `policy.refill`.
    """

    def __init__(
        self, encode_keyframe: Callable[[], None], policy: KeyframePolicy, scheduler: Scheduler | None = None
    ) -> None:
        """`encode_keyframe` asks the encoder for a keyframe. `scheduler` is the running event loop unless given."""
        self._encode_keyframe = encode_keyframe
        self._policy = policy
        self._scheduler: Scheduler = scheduler or asyncio.get_running_loop()
        self._last_keyframe = -self._policy.interval
        self._pending = False
        self._timer: Timer | None = None
        self._waiting: list[KeyframeRequester] = []
        self._budget = float(self._policy.burst)
        self._refilled_at = self._scheduler.time()

    def request(self, requester: KeyframeRequester | None = None) -> None:
        """Request a keyframe. Without a requester, for a reason that occurs once such as a new subscription."""
        if requester is not None and not requester.is_waiting:
            requester.is_waiting = True
            self._waiting.append(requester)
        if self._pending:
            return
        now = self._scheduler.time()
        due = max(self._last_keyframe + self._policy.interval, self._allowed_at(requester, now))
        if due <= now:
            self._cancel_timer()
            self._pending = True
            self._encode_keyframe()
        elif self._timer is None or due < self._timer.when():
            self._cancel_timer()
            self._timer = self._scheduler.call_at(due, self._on_timer)

    def withdraw(self, requester: KeyframeRequester) -> None:
        """Forget the request of a subscriber that has closed."""
        if requester.is_waiting:
            requester.is_waiting = False
            self._waiting = [other for other in self._waiting if other is not requester]

    def keyframe_encoded(self) -> None:
        """Record that the encoder has made a keyframe, for any reason."""
        now = self._scheduler.time()
        self._pending = False
        self._last_keyframe = now
        self._cancel_timer()
        self._refill(now)
        if self._waiting:
            self._budget = max(self._budget - 1, 0.0)
        for requester in self._waiting:
            requester.back_off(now, self._policy)
        self._waiting = []

    def close(self) -> None:
        """Request no more keyframes."""
        self._pending = False
        self._waiting = []
        self._cancel_timer()

    def _allowed_at(self, requester: KeyframeRequester | None, now: float) -> float:
        """Return the time from which the limits of requesters allow a keyframe."""
        if requester is None:
            return now
        self._refill(now)
        return max(now + max(1 - self._budget, 0.0) * self._policy.refill, requester.until)

    def _refill(self, now: float) -> None:
        self._budget = min(self._budget + (now - self._refilled_at) / self._policy.refill, self._policy.burst)
        self._refilled_at = now

    def _on_timer(self) -> None:
        self._timer = None
        self._pending = True
        self._encode_keyframe()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
