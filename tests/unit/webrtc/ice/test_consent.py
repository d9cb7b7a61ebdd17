"""Consent checks (RFC 7675): when they are sent, and the effects of a response and of none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from aioice import Connection, stun

from sidecar.tasks import Tasks
from sidecar.webrtc.ice.candidates import COMPONENT
from sidecar.webrtc.ice.consent import CHECKS_PER_INTERVAL_WHEN_LOST, Consent

INTERVAL = 0.04


class Pair:
    """A selected pair that counts the checks, and answers them or not."""

    remote_addr = ("127.0.0.1", 9)

    def __init__(self, is_answered: bool) -> None:
        self.protocol = self
        self.checks = 0
        self.checked = asyncio.Event()
        self._is_answered = is_answered

    async def request(self, *_: object, **__: object) -> None:
        self.checks += 1
        self.checked.set()
        if not self._is_answered:
            raise stun.TransactionTimeout


class Path:
    """A connection with a selected pair."""

    remote_password = "password"

    def __init__(self, pair: Pair) -> None:
        self._nominated = {COMPONENT: pair}

    def build_request(self, *_: object, **__: object) -> None:
        """A consent check."""


Begin = Callable[[Pair], Consent]


@pytest.fixture
async def heard() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def begin(heard: asyncio.Event) -> AsyncIterator[Begin]:
    """Begins to send the checks on a pair; they end with the test."""
    tasks = Tasks()

    def begin(pair: Pair) -> Consent:
        consent = Consent(cast(Connection, cast(Any, Path(pair))), tasks, INTERVAL, heard.set)
        tasks.spawn(consent.run())
        return consent

    yield begin
    await tasks.cancel()


async def test_a_response_is_a_sign_of_life_and_gives_the_round_trip_time(begin: Begin, heard: asyncio.Event) -> None:
    consent = begin(Pair(is_answered=True))
    await asyncio.wait_for(heard.wait(), 10)
    assert consent.round_trip_time is not None
    assert 0 <= consent.round_trip_time < 10


async def test_a_check_without_a_response_is_no_sign_of_life_and_does_not_end_the_checks(
    begin: Begin, heard: asyncio.Event
) -> None:
    pair = Pair(is_answered=False)
    consent = begin(pair)
    for _ in range(2):
        pair.checked.clear()
        await asyncio.wait_for(pair.checked.wait(), 10)
    assert not heard.is_set()
    assert consent.round_trip_time is None


async def test_a_lost_peer_is_asked_more_often(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()
    sleep = asyncio.sleep

    async def short(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 2 * CHECKS_PER_INTERVAL_WHEN_LOST:
            enough.set()
            await sleep(60)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", short)
    here, lost = Pair(is_answered=True), Pair(is_answered=True)
    begin(here)
    await asyncio.wait_for(enough.wait(), 10)
    pauses.clear()
    enough.clear()
    begin(lost).is_lost = True
    await asyncio.wait_for(enough.wait(), 10)
    assert (here.checks, lost.checks) == (2, 2 * CHECKS_PER_INTERVAL_WHEN_LOST)
    assert set(pauses) == {INTERVAL / CHECKS_PER_INTERVAL_WHEN_LOST}


async def test_after_stop_no_check_is_sent() -> None:
    pair = Pair(is_answered=True)
    consent = Consent(cast(Connection, cast(Any, Path(pair))), Tasks(), INTERVAL, lambda: None)
    running = asyncio.create_task(consent.run())
    consent.stop()
    await asyncio.wait_for(running, 10)
    assert pair.checks == 0
