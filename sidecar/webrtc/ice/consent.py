"""Consent freshness: regular checks whether the peer is still there (RFC 7675)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from aioice import Connection, stun
from aioice.ice import CandidatePair

from sidecar.tasks import Tasks
from sidecar.webrtc.ice.candidates import COMPONENT

CHECKS_PER_INTERVAL_WHEN_LOST = 4
"""Consent checks are more frequent while the peer is lost, so that a path that works again is used at once."""

RETRANSMISSIONS = 1
"""Retransmissions of one check; its response may take a second and a half."""


class Consent:
    """The consent checks of one ICE generation, on its selected pair.

    aioice closes a connection after several failed checks. Here a failure has no effect: the owner misses the calls
    of `on_heard`, decides, and sets `is_lost`. `round_trip_time` is that of the newest response, in seconds.
    """

    def __init__(self, connection: Connection, tasks: Tasks, interval: float, on_heard: Callable[[], None]) -> None:
        self.round_trip_time: float | None = None
        self.is_lost = False
        self.is_stopped = False
        self._connection = connection
        self._tasks = tasks
        self._interval = interval
        self._on_heard = on_heard

    async def run(self) -> None:
        """Send checks until stop() is called."""
        number = 0
        while True:
            await asyncio.sleep(self._interval / CHECKS_PER_INTERVAL_WHEN_LOST)
            if self.is_stopped:
                return
            number += 1
            pair = self._connection._nominated.get(COMPONENT)
            if pair is not None and (self.is_lost or number % CHECKS_PER_INTERVAL_WHEN_LOST == 0):
                # No wait for the response to the last check: the path may have started to work in between.
                self._tasks.spawn(self.ask(pair))

    def stop(self) -> None:
        """Send no check any more; the connection's own task may call run() on for a while."""
        self.is_stopped = True

    async def ask(self, pair: CandidatePair) -> None:
        """Send one check and wait for its response."""
        connection = self._connection
        assert connection.remote_password is not None
        request = connection.build_request(pair, nominate=False)
        key, asked_at = connection.remote_password.encode(), time.monotonic()
        try:
            await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=RETRANSMISSIONS)
        except stun.TransactionError:
            return
        self.round_trip_time = time.monotonic() - asked_at
        self._on_heard()
