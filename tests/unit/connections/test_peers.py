"""The peers of a connection: which one an answer or a candidate is for, and their end."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from functools import partial

import pytest

from sidecar.connections.peers import Peers
from sidecar.contract.errors import InvalidStateError
from sidecar.contract.types import IceCandidate
from sidecar.webrtc.peer import Peer
from tests.support.peers import RecordingListener, Viewer, until

LINE = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host"


@pytest.fixture
def failures() -> list[BaseException]:
    return []


@pytest.fixture
async def peers(failures: list[BaseException]) -> AsyncIterator[Peers]:
    create = partial(Peer, "connection-1", ice_servers=[], listener=RecordingListener(), generations=itertools.count())
    peers = Peers(create, failures.append)
    yield peers
    await peers.close()
    assert failures == []


async def test_an_answer_is_for_the_peer_whose_offer_it_names(peers: Peers) -> None:
    substitute = peers.create_substitute()
    assert peers.offerer(peers.current.described_generation) is peers.current
    assert peers.offerer(substitute.described_generation) is substitute


async def test_an_answer_without_a_generation_is_for_the_newest_offer(peers: Peers) -> None:
    assert peers.offerer(None) is peers.current
    substitute = peers.create_substitute()
    assert peers.offerer(None) is substitute


async def test_an_answer_to_a_discarded_substitute_is_refused(peers: Peers) -> None:
    generation = peers.create_substitute().described_generation
    peers.create_substitute()
    with pytest.raises(InvalidStateError, match=f"generation {generation} was replaced"):
        peers.offerer(generation)


async def test_a_candidate_is_for_the_peer_in_use_only_when_it_names_one_of_its_generations(peers: Peers) -> None:
    viewer = Viewer()
    answer = await viewer.answer(await peers.current.create_offer())
    await peers.current.set_remote_description("answer", answer)
    (fragment,) = {line.partition(":")[2] for line in answer.splitlines() if line.startswith("a=ice-ufrag:")}
    known = IceCandidate(candidate=LINE, sdpMid="0", usernameFragment=fragment)
    unknown = IceCandidate(candidate=LINE, sdpMid="0", usernameFragment="other")
    assert [peers.receiver_of(each) for each in (known, unknown, None)] == [peers.current] * 3
    substitute = peers.create_substitute()
    assert [peers.receiver_of(each) for each in (known, unknown, None)] == [peers.current, substitute, substitute]
    await viewer.close()


async def test_the_substitute_that_is_used_replaces_the_peer_which_is_closed(peers: Peers) -> None:
    before, substitute = peers.current, peers.create_substitute()
    peers.use_substitute()
    assert (peers.current, peers.substitute) == (substitute, None)
    await until(lambda: before.connection_state == "closed")
    assert substitute.connection_state == "new"


async def test_every_peer_is_closed_at_the_end(peers: Peers) -> None:
    made = [peers.current, peers.create_substitute()]
    peers.use_substitute()
    made += [peers.create_substitute(), peers.create_substitute()]
    await peers.close()
    assert [peer.connection_state for peer in made] == ["closed"] * 4
    assert peers.substitute is None


async def test_a_peer_that_cannot_be_closed_is_reported_and_the_others_are_closed() -> None:
    class Broken(Peer):
        async def close(self) -> None:
            await super().close()
            raise ZeroDivisionError

    kinds = iter([Peer, Broken])
    failures: list[BaseException] = []
    peers = Peers(
        lambda: next(kinds)("connection-1", ice_servers=[], listener=RecordingListener()), on_failed=failures.append
    )
    peers.create_substitute()
    await peers.close()
    assert [type(failure) for failure in failures] == [ZeroDivisionError]
    assert peers.current.connection_state == "closed"
