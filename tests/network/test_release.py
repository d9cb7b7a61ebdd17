"""However a viewer goes, its camera is released when it was the last one, within the bound that the contract states."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.drivers import Drivers
from sidecar.connections.connections import Connections
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.recovery import RecoveryPolicy
from sidecar.streams.sessions import Sessions
from sidecar.webrtc.policy import PeerPolicy
from tests.support.busy_machine import SLACK
from tests.support.connection_rig import Rig
from tests.support.notifications import Notifications
from tests.support.recovery_time import longest_recovery

VIEWER = "tests.network.inside.viewer"
POLICY = RecoveryPolicy(tries=3, first_pause=0.3, longest_pause=0.5, answer_timeout=2.0)

NOTICED = 3.0
"""Seconds in which a loss is noticed."""

SHORT = 1.0
"""Seconds in the place of the long limits of a connection that does not come up."""

CONNECTING = 2.0
"""Seconds in the place of the limit with both descriptions; the viewer needs some of them."""

AT_ONCE = 0.0
UNANSWERED = NOTICED + POLICY.first_pause + POLICY.answer_timeout
UNREACHED = NOTICED + longest_recovery(POLICY)


@asynccontextmanager
async def viewer_process(rig: Rig) -> AsyncIterator[asyncio.subprocess.Process]:
    """A viewer in a process of its own, which has answered."""
    pipe = asyncio.subprocess.PIPE
    viewer = await asyncio.create_subprocess_exec(sys.executable, "-m", VIEWER, stdin=pipe, stdout=pipe)
    assert viewer.stdin is not None
    assert viewer.stdout is not None
    try:
        await rig.show()
        offer, _ = await rig.connection.create_offer()
        viewer.stdin.write(json.dumps({"type": offer.type, "sdp": offer.sdp}).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(viewer.stdout.readline(), 30))
        await rig.connection.set_remote_description("answer", answer["sdp"])
        yield viewer
    finally:
        if viewer.returncode is None:
            viewer.kill()
        await viewer.wait()


@asynccontextmanager
async def closed_by_request(rig: Rig) -> AsyncIterator[None]:
    await rig.connect()
    await rig.close_connection()
    yield


@asynccontextmanager
async def closed_by_the_viewer(rig: Rig) -> AsyncIterator[None]:
    await rig.connect()
    await rig.viewer.close()
    yield


@asynccontextmanager
async def process_killed(rig: Rig) -> AsyncIterator[None]:
    async with viewer_process(rig) as viewer:
        await rig.until_state("connected")
        viewer.kill()
        yield


@asynccontextmanager
async def process_killed_while_it_connects(rig: Rig) -> AsyncIterator[None]:
    async with viewer_process(rig) as viewer:
        viewer.kill()
        yield


@asynccontextmanager
async def network_gone_and_nobody_answers(rig: Rig) -> AsyncIterator[None]:
    await rig.connect()
    with rig.viewer.cut():
        yield


@asynccontextmanager
async def network_gone_for_good(rig: Rig) -> AsyncIterator[None]:
    async def answer_all() -> None:
        for number in range(POLICY.tries):
            await rig.answer_without_a_path(await rig.offered(number, replaces_peer=number % 2 == 1))

    await rig.connect()
    with rig.viewer.cut():
        answering = asyncio.create_task(answer_all())
        yield
        await answering


@asynccontextmanager
async def ice_failed(rig: Rig) -> AsyncIterator[None]:
    await rig.show()
    offer, _ = await rig.connection.create_offer()
    answer = await rig.viewer.answer(offer)
    await rig.viewer.close()
    lines = [line for line in answer.splitlines() if not line.startswith(("a=candidate", "a=end"))]
    await rig.connection.set_remote_description("answer", "\r\n".join(lines) + "\r\n")
    yield


@asynccontextmanager
async def dtls_silent(rig: Rig) -> AsyncIterator[None]:
    async def silent(remoteParameters: object) -> None:  # noqa: N803 - aiortc's name
        return

    await rig.show()
    offer, _ = await rig.connection.create_offer()
    answer = await rig.viewer.answer(offer)
    rig.viewer.receiver.transport.start = silent  # type: ignore[method-assign]
    await rig.connection.set_remote_description("answer", answer)
    yield


@asynccontextmanager
async def never_answered(rig: Rig) -> AsyncIterator[None]:
    await rig.show()
    await rig.connection.create_offer()
    yield


@asynccontextmanager
async def never_offered(rig: Rig) -> AsyncIterator[None]:
    await rig.show()
    yield


WAYS: dict[Callable[[Rig], AbstractAsyncContextManager[None]], float] = {
    closed_by_request: AT_ONCE,
    closed_by_the_viewer: AT_ONCE,
    process_killed: UNANSWERED,
    process_killed_while_it_connects: UNANSWERED,
    network_gone_and_nobody_answers: UNANSWERED,
    network_gone_for_good: UNREACHED,
    ice_failed: CONNECTING,
    dtls_silent: CONNECTING,
    never_answered: SHORT,
    never_offered: SHORT,
}


@pytest.mark.parametrize(("goes", "bound"), WAYS.items(), ids=[way.__name__ for way in WAYS])
async def test_the_camera_of_the_last_viewer_is_released(
    goes: Callable[[Rig], AbstractAsyncContextManager[None]], bound: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = ConnectionPolicy(recovery=POLICY, peer=PeerPolicy(connect_timeout=CONNECTING))
    if goes in (never_answered, never_offered):
        policy = policy._replace(answer_timeout=SHORT)
    notifications = Notifications()
    sessions = Sessions(Drivers(Catalogue()), notifications)
    connections = Connections(sessions, notifications, policy=policy)
    rig = Rig(connections, notifications)
    try:
        async with goes(rig):
            gone_at = time.monotonic()
            await notifications.wait_for("connection_state", lambda event: bool(event["state"] == "closed"))
            assert time.monotonic() - gone_at < bound + SLACK
            assert not sessions.streams.is_open("test:pattern")
            session_id = rig.connection.session_id
            assert session_id is not None
            assert (await sessions.close(session_id)).already_stopped, "stopping what has stopped is no error"
    finally:
        await rig.close()
        await connections.aclose()
        await sessions.aclose()
