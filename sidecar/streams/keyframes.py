"""Many reasons for a keyframe, few keyframes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.limits import KEYFRAME_BURST, KEYFRAME_INTERVAL, KEYFRAME_MAX_WAIT, KEYFRAME_REFILL


@dataclass(slots=True)
class _Asker:
    """Who asked: seconds to wait after a keyframe for the next one, and until when."""

    wait: float
    until: float


class KeyframeRequests:
    """Turns PLI, FIR, new viewers and overflows into one request to the encoder.

    The first request goes through at once. Others that come before its keyframe are covered by it; those that come
    sooner than `interval` seconds after the last keyframe wait until then and become one. A keyframe costs as much as
    some other frames, so those that are asked for by somebody have two more limits: whoever asks again and again waits
    twice as long each time, up to KEYFRAME_MAX_WAIT, and all of them together get KEYFRAME_BURST keyframes and then
    one for each KEYFRAME_REFILL seconds.
    """

    def __init__(self, request: Callable[[], None], interval: float = KEYFRAME_INTERVAL) -> None:
        self._request = request
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._last_keyframe = -interval
        self._pending = False
        self._timer: asyncio.TimerHandle | None = None
        self._askers: dict[object, _Asker] = {}
        self._asking: set[object] = set()  # since the last keyframe
        self._budget = float(KEYFRAME_BURST)
        self._refilled_at = self._loop.time()

    def want(self, asker: object = None) -> None:
        """Somebody needs a keyframe; no `asker`: for a reason that comes once, as a new viewer does."""
        if asker is not None:
            self._asking.add(asker)
        if self._pending:
            return
        now = self._loop.time()
        due = max(self._last_keyframe + self._interval, self._allowed_at(asker, now))
        if due <= now:
            self._send()
        elif self._timer is None or due < self._timer.when():
            self._set_timer(due)

    def forget(self, asker: object) -> None:
        """Somebody is gone."""
        self._askers.pop(asker, None)
        self._asking.discard(asker)

    def came(self) -> None:
        """The encoder gave a keyframe."""
        now = self._loop.time()
        self._pending = False
        self._last_keyframe = now
        self._cancel_timer()
        self._refill(now)
        if self._asking:
            self._budget = max(self._budget - 1, 0.0)
        for asker in self._asking:
            before = self._askers.get(asker)
            is_again = before is not None and now - before.until <= before.wait
            wait = min(before.wait * 2, KEYFRAME_MAX_WAIT) if before is not None and is_again else self._interval
            self._askers[asker] = _Asker(wait, now + wait)
        self._asking.clear()

    def close(self) -> None:
        """Ask for nothing any more."""
        self._pending = False
        self._cancel_timer()

    def _allowed_at(self, asker: object, now: float) -> float:
        if asker is None:
            return now
        self._refill(now)
        known = self._askers.get(asker)
        budget_at = now + max(1 - self._budget, 0.0) * KEYFRAME_REFILL
        return max(budget_at, known.until if known is not None else now)

    def _refill(self, now: float) -> None:
        self._budget = min(self._budget + (now - self._refilled_at) / KEYFRAME_REFILL, KEYFRAME_BURST)
        self._refilled_at = now

    def _set_timer(self, due: float) -> None:
        self._cancel_timer()
        self._timer = self._loop.call_at(due, self._send)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        self._cancel_timer()
        self._pending = True
        self._request()
