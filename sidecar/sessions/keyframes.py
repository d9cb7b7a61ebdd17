"""Many reasons for a keyframe, few keyframes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sidecar.sessions.limits import KEYFRAME_INTERVAL


class KeyframeRequests:
    """Turns PLI, FIR, new viewers and overflows into one request to the encoder.

    The first request goes through at once. Others that come before its keyframe are covered by it; those that come
    sooner than `interval` seconds after the last keyframe wait until then and become one.
    """

    def __init__(self, request: Callable[[], None], interval: float = KEYFRAME_INTERVAL) -> None:
        self._request = request
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._last_keyframe = -interval
        self._pending = False
        self._timer: asyncio.TimerHandle | None = None

    def want(self) -> None:
        """Somebody needs a keyframe."""
        if self._pending or self._timer is not None:
            return
        delay = self._last_keyframe + self._interval - self._loop.time()
        if delay <= 0:
            self._send()
        else:
            self._timer = self._loop.call_later(delay, self._send)

    def came(self) -> None:
        """The encoder gave a keyframe."""
        self._pending = False
        self._last_keyframe = self._loop.time()

    def close(self) -> None:
        """Ask for nothing any more."""
        self._pending = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        self._timer = None
        self._pending = True
        self._request()
