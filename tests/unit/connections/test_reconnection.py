"""The reconnection of a lost viewer: its offers, its failures and its end. tests/network has connected viewers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from sidecar.connections.peers import Peers
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.reconnection import Reconnection, ReconnectionOffer
from sidecar.connections.recovery import RecoveryPolicy
from sidecar.webrtc.ice.networks import NetworkQuery
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import RecordingListener, until

QUICK = ConnectionPolicy(
    network_interval=0.01,
    recovery=RecoveryPolicy(tries=4, first_pause=0.01, longest_pause=0.02, answer_timeout=10.0, shortest_try=0.05),
)


class Recorder:
    """A ReconnectionListener that keeps its notifications, and the internal errors."""

    def __init__(self) -> None:
        self.offers: list[ReconnectionOffer] = []
        self.reasons: list[str] = []
        self.failures: list[BaseException] = []

    def reconnection_offered(self, offer: ReconnectionOffer) -> None:
        self.offers.append(offer)

    def reconnection_given_up(self, reason: str) -> None:
        self.reasons.append(reason)


class SlowPeer(Peer):
    """A peer whose offer is finished when the test says so."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_asked = asyncio.Event()
        self.may_offer = asyncio.Event()
        self.has_offered = asyncio.Event()

    async def create_offer(self, *, ice_restart: bool = False) -> SdpDescription:
        self.is_asked.set()
        await self.may_offer.wait()
        offer = await super().create_offer(ice_restart=ice_restart)
        self.has_offered.set()
        return offer


Make = Callable[..., Reconnection]


@pytest.fixture
def kind() -> type[Peer]:
    """The class of the peers."""
    return Peer


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def peers(recorder: Recorder, kind: type[Peer]) -> AsyncIterator[Peers]:
    create = partial(kind, "connection-1", ice_servers=[], listener=RecordingListener(), generations=itertools.count())
    peers = Peers(create, recorder.failures.append)
    yield peers
    await peers.close()


@pytest.fixture
async def make(peers: Peers, recorder: Recorder) -> AsyncIterator[Make]:
    """Makes the reconnection; it is closed at the end."""
    made: list[Reconnection] = []

    def make(policy: ConnectionPolicy = QUICK, networks: NetworkQuery = frozenset) -> Reconnection:
        reconnection = Reconnection(
            "connection-1",
            peers,
            listener=recorder,
            policy=policy,
            networks=networks,
            on_failed=recorder.failures.append,
        )
        made.append(reconnection)
        return reconnection

    yield make
    for each in made:
        await each.close()


async def test_the_peer_in_use_and_fresh_peers_are_offered_in_turn_until_the_viewer_is_given_up(
    make: Make, peers: Peers, recorder: Recorder
) -> None:
    make().begin()
    await until(lambda: recorder.reasons != [])
    assert [offer.replaces_peer for offer in recorder.offers] == [False, True, False, True]
    assert [offer.generation for offer in recorder.offers] == [0, 1, 0, 2]
    assert recorder.reasons == ["the viewer was lost, and 4 tries found no path to it"]
    assert peers.substitute is None
    assert recorder.failures == []


@pytest.mark.parametrize("kind", [SlowPeer])
async def test_an_offer_that_is_finished_after_the_end_is_not_sent(
    make: Make, peers: Peers, recorder: Recorder
) -> None:
    peer = peers.current
    assert isinstance(peer, SlowPeer)
    before = asyncio.all_tasks()
    reconnection = make()
    reconnection.begin()
    await peer.is_asked.wait()
    reconnection.end()
    peer.may_offer.set()
    await peer.has_offered.wait()
    await until(lambda: asyncio.all_tasks() == before)
    assert recorder.offers == []
    assert recorder.reasons == []


async def test_a_restart_by_the_viewer_s_side_discards_the_substitute(
    make: Make, peers: Peers, recorder: Recorder
) -> None:
    reconnection = make(QUICK._replace(recovery=QUICK.recovery._replace(shortest_try=60.0, longest_pause=60.0)))
    assert not reconnection.viewer_restarted_ice(), "the viewer is not lost"
    reconnection.begin()
    await until(lambda: len(recorder.offers) == 1)
    substitute = peers.create_substitute()
    assert reconnection.viewer_restarted_ice()
    assert peers.substitute is None
    await until(lambda: substitute.connection_state == "closed")
    reconnection.end()
    assert not reconnection.viewer_restarted_ice()


async def test_an_internal_error_is_reported(make: Make, recorder: Recorder) -> None:
    def broken() -> frozenset[str]:
        raise ZeroDivisionError

    make(networks=broken).begin()
    await until(lambda: recorder.failures != [])
    assert [type(failure) for failure in recorder.failures] == [ZeroDivisionError]
    assert recorder.offers == []


async def test_closing_ends_the_task(make: Make) -> None:
    before = asyncio.all_tasks()
    reconnection = make()
    reconnection.begin()
    assert len(asyncio.all_tasks() - before) == 1
    await reconnection.close()
    assert asyncio.all_tasks() == before
