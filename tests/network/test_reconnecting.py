"""A lost viewer: every edge of the connection's state machine from `connected` on, with real peers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import CoroutineType

import psutil
import pytest

import sidecar
from sidecar.connections.connections import Connections
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.recovery import RecoveryPolicy
from sidecar.contract.errors import InvalidStateError
from sidecar.streams.sessions import Sessions
from sidecar.webrtc.ice.networks import NetworkQuery, networks
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.policy import PeerPolicy
from tests.support.connection_rig import Rig
from tests.support.notifications import Notifications
from tests.support.peers import gather_on_loopback, until

QUICK = RecoveryPolicy(tries=4, first_pause=0.1, longest_pause=0.2, answer_timeout=1.6, shortest_try=0.5)
QUICK_PEER = PeerPolicy(poll_interval=0.05)
SLOW = ConnectionPolicy(recovery=RecoveryPolicy(first_pause=60.0, longest_pause=60.0), peer=QUICK_PEER)
QUICK_ICE = IcePolicy(timings=IceTimings(consent_interval=0.1))


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses are noticed after a tenth of the time; the far peer stands on 127.0.0.1."""
    gather_on_loopback(monkeypatch)


@pytest.fixture
def policy() -> ConnectionPolicy:
    return ConnectionPolicy(recovery=QUICK, peer=QUICK_PEER)


class GivenNetworks:
    """The networks of a machine, from the test."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __call__(self) -> frozenset[str]:
        return frozenset(self.names)


@pytest.fixture
def network_query() -> NetworkQuery:
    return networks


@pytest.fixture
async def connections(
    sessions: Sessions, notifications: Notifications, policy: ConnectionPolicy, network_query: NetworkQuery
) -> AsyncIterator[Connections]:
    connections = Connections(sessions, notifications, ice=QUICK_ICE, policy=policy, networks=network_query)
    yield connections
    await connections.aclose()


@pytest.fixture
async def rig(connections: Connections, notifications: Notifications) -> AsyncIterator[Rig]:
    rig = Rig(connections, notifications)
    await rig.connect()
    yield rig
    await rig.close()


def udp_sockets() -> int:
    """The number of UDP sockets of this process."""
    return len(psutil.Process().net_connections("udp"))


def tasks_of(*rooms: str) -> list[str]:
    """The running coroutines that these rooms of the sidecar define."""
    folders = tuple(str(Path(sidecar.__file__).parent / room) for room in rooms)
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    return [
        coroutine.__qualname__
        for coroutine in coroutines
        if isinstance(coroutine, CoroutineType) and coroutine.cr_code.co_filename.startswith(folders)
    ]


@asynccontextmanager
async def lost(rig: Rig) -> AsyncIterator[None]:
    """The viewer's way is cut, and that was noticed."""
    with rig.viewer.cut():
        await rig.until_state("disconnected")
        yield


async def test_connected_to_disconnected_when_the_viewer_is_silent(rig: Rig, sessions: Sessions) -> None:
    async with lost(rig):
        assert rig.reasons["disconnected"] == "the peer does not answer"
        (camera,) = sessions.streams.stats()
        assert camera.viewers == 0, "no encoding for a viewer that is away"


async def test_disconnected_to_connected_when_the_way_comes_back(rig: Rig) -> None:
    with rig.viewer.cut():
        await rig.until_state("disconnected")
    await rig.until_state("connected", 2)
    assert rig.states == ["connecting", "connected", "disconnected", "connected"]
    assert rig.connection.stats().reconnections == 0
    await rig.pictures(rig.viewer)


async def test_disconnected_to_reconnecting_when_another_way_is_offered(rig: Rig) -> None:
    async with lost(rig):
        offer = await rig.offered(0, replaces_peer=False)
        assert rig.states[-1] == "reconnecting"
        assert (offer["generation"], offer["sdp_type"]) == (1, "offer")
        assert rig.notifications.of("connection_state")[-1]["generation"] == 0


async def test_reconnecting_to_connected_when_the_restart_finds_a_way(rig: Rig) -> None:
    peer = rig.connection.peer
    async with lost(rig):
        await rig.answer_restart(await rig.offered(0, replaces_peer=False))
        await rig.until_state("connected", 2)
    assert rig.connection.peer is peer
    assert rig.connection.stats().reconnections == 1
    assert rig.notifications.of("connection_state")[-1]["generation"] == 1
    await rig.pictures(rig.viewer)


async def test_reconnecting_to_connected_when_the_old_way_comes_back(rig: Rig) -> None:
    async with lost(rig):
        await rig.offered(0, replaces_peer=False)
    await rig.until_state("connected", 2)
    assert rig.notifications.of("connection_state")[-1]["generation"] == 0
    await rig.pictures(rig.viewer)


async def test_a_restart_that_was_offered_may_still_be_answered_when_the_old_way_is_back(rig: Rig) -> None:
    async with lost(rig):
        offer = await rig.offered(0, replaces_peer=False)
    await rig.until_state("connected", 2)
    await rig.answer_restart(offer)
    await until(lambda: rig.connection.generation == 1)
    await rig.pictures(rig.viewer)
    assert rig.states[-1] == "connected"


async def test_reconnecting_to_connected_when_a_fresh_peer_reaches_the_viewer(rig: Rig) -> None:
    before = rig.connection.peer
    async with lost(rig):
        substitute = await rig.answer_anew(await rig.offered(1, replaces_peer=True))
        await rig.until_state("connected", 2)
        assert rig.connection.peer is not before
        await until(lambda: before.connection_state == "closed")
        await rig.pictures(substitute)
    assert rig.connection.generation == 2
    assert rig.connection.stats().time_to_first_frame_ms is not None
    assert rig.connection.stats().reconnections == 1


async def test_a_fresh_peer_is_given_up_when_the_old_way_comes_back(rig: Rig) -> None:
    before = rig.connection.peer
    async with lost(rig):
        offer = await rig.offered(1, replaces_peer=True)
        sockets = udp_sockets()
    await rig.until_state("connected", 2)
    assert rig.connection.peer is before
    await until(lambda: udp_sockets() < sockets)  # the fresh peer's are closed
    with pytest.raises(InvalidStateError, match="replaced"):
        await rig.answer_anew(offer)
    await rig.pictures(rig.viewer)


async def test_an_answer_to_an_offer_that_was_replaced_is_refused(rig: Rig) -> None:
    async with lost(rig):
        stale = await rig.offered(0, replaces_peer=False)
        await rig.offered(2, replaces_peer=False)
        with pytest.raises(InvalidStateError, match="replaced"):
            await rig.answer_restart(stale)


@pytest.mark.parametrize(("policy", "network_query"), [(SLOW, GivenNetworks("10.0.0.1"))])
async def test_a_network_that_comes_is_tried_at_once(
    rig: Rig, policy: ConnectionPolicy, network_query: GivenNetworks
) -> None:
    async with lost(rig):
        await asyncio.sleep(2 * policy.network_interval)
        assert rig.offers == []
        network_query.names = ("10.0.0.1", "10.0.0.2")
        await rig.offered(0, replaces_peer=False)


async def test_the_frontend_may_restart_ice_on_a_connection_that_works(rig: Rig) -> None:
    offer, generation = await rig.connection.create_offer(ice_restart=True)
    await rig.connection.set_remote_description("answer", await rig.viewer.answer_restart(offer), generation)
    await until(lambda: rig.connection.generation == generation)
    assert rig.states == ["connecting", "connected"]
    await rig.pictures(rig.viewer)


async def test_disconnected_to_reconnecting_when_the_frontend_restarts_ice(rig: Rig) -> None:
    async with lost(rig):
        offer, generation = await rig.connection.create_offer(ice_restart=True)
        assert rig.states[-1] == "reconnecting"
        await rig.connection.set_remote_description("answer", await rig.viewer.answer_restart(offer), generation)
        await rig.until_state("connected", 2)
    await rig.pictures(rig.viewer)


async def test_reconnecting_to_connected_by_the_browser_s_own_restart(rig: Rig) -> None:
    async with lost(rig):
        await rig.offered(0, replaces_peer=False)
        await rig.connection.set_remote_description("offer", await rig.viewer.offer_restart())
        answer, generation = await rig.connection.create_answer()
        assert generation == 2
        await rig.viewer.take_restart_answer(answer)
        await rig.until_state("connected", 2)
    await rig.pictures(rig.viewer)


async def test_reconnecting_to_failed_to_closed_when_nobody_answers(rig: Rig, sessions: Sessions) -> None:
    async with lost(rig):
        await rig.until_state("closed")
        assert rig.states[-3:] == ["reconnecting", "failed", "closed"]
        assert "renegotiation_offer was not answered within 1.6 s" in rig.reasons["failed"]
        assert not sessions.streams.is_open("test:pattern")


async def test_reconnecting_to_failed_to_closed_when_every_try_is_used_up(rig: Rig, sessions: Sessions) -> None:
    async with lost(rig):
        for number in range(QUICK.tries):
            await rig.offered(number, replaces_peer=number % 2 == 1)
            await rig.answer_without_a_path(rig.offers[number])
        await rig.until_state("closed")
    assert rig.states[-2:] == ["failed", "closed"]
    assert "4 tries found no path" in rig.reasons["failed"]
    assert not sessions.streams.is_open("test:pattern")


@pytest.mark.parametrize("network_query", [lambda: 1 // 0])
async def test_disconnected_to_failed_to_closed_after_an_internal_error(
    rig: Rig, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    async with lost(rig):
        await rig.until_state("closed")
    assert rig.states[-3:] == ["disconnected", "failed", "closed"]
    assert rig.reasons["failed"] == "an internal error of the sidecar ended the connection; its log has the details"
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]
    assert not sessions.streams.is_open("test:pattern")


async def test_reconnecting_to_closed_when_it_is_closed_by_request(
    rig: Rig, connections: Connections, sessions: Sessions
) -> None:
    async with lost(rig):
        await rig.offered(1, replaces_peer=True)
        ended = await connections.close(rig.connection.connection_id)
    assert ended.camera_released
    assert rig.states[-1] == "closed"
    assert "failed" not in rig.states


async def test_connected_to_closed_when_the_viewer_says_so(rig: Rig, sessions: Sessions) -> None:
    await rig.viewer.close()
    await rig.until_state("closed")
    assert rig.states == ["connecting", "connected", "closed"]
    assert not sessions.streams.is_open("test:pattern")


async def test_a_viewer_that_is_lost_a_second_time_is_looked_for_again(rig: Rig) -> None:
    for number in (1, 2):
        with rig.viewer.cut():
            await rig.until_state("reconnecting", number)
        await rig.until_state("connected", number + 1)
    assert rig.connection.stats().reconnections == 2
    await rig.pictures(rig.viewer)


async def test_a_connection_that_recovers_closes_and_leaves_no_task(rig: Rig, connections: Connections) -> None:
    async with lost(rig):
        await rig.answer_anew(await rig.offered(1, replaces_peer=True))
        assert {"Reconnection", "Peer"} <= {name.partition(".")[0] for name in tasks_of("connections", "webrtc")}
        await connections.close(rig.connection.connection_id)
    assert tasks_of("connections", "webrtc") == []
