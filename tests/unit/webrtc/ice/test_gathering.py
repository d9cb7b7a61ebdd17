"""Candidates from STUN servers, and servers that do not answer. TURN is in tests/network."""

from __future__ import annotations

import pytest

from sidecar.contract.types import IceCandidate, IceServer
from sidecar.webrtc.ice.addresses import can_reach, host_addresses
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.peer import Peer
from tests.support.peers import RecordingListener
from tests.support.stun_servers import MAPPED_ADDRESS, stun_server


async def gathered(*urls: str, server_timeout: float = IceTimings().server_timeout) -> list[IceCandidate]:
    listener = RecordingListener()
    peer = Peer(
        "connection-1",
        ice_servers=[IceServer(urls=list(urls))] if urls else [],
        ice_policy=IcePolicy(timings=IceTimings(server_timeout=server_timeout)),
        listener=listener,
    )
    await peer.create_offer()
    await listener.until(lambda: None in listener.candidates)
    assert peer.ice_gathering_state == "complete"
    await peer.close()
    assert listener.candidates[-1] is None
    return [candidate for candidate in listener.candidates if candidate is not None]


async def test_a_reflexive_candidate_is_trickled() -> None:
    async with stun_server() as port:
        candidates = await gathered(f"stun:127.0.0.1:{port}")
    assert candidates
    for candidate in candidates:
        assert f" {MAPPED_ADDRESS} " in candidate.candidate
        assert " typ srflx raddr " in candidate.candidate
        assert " ufrag " in candidate.candidate
        assert (candidate.sdpMid, candidate.sdpMLineIndex) == ("0", 0)


async def test_all_servers_are_asked() -> None:
    async with stun_server("203.0.113.1") as first, stun_server("203.0.113.2") as second:
        candidates = await gathered(f"stun:127.0.0.1:{first}", f"stuns:127.0.0.1:{second}")
    found = {candidate.candidate.split()[4] for candidate in candidates}
    assert found == {"203.0.113.1", "203.0.113.2"}


async def test_the_same_address_from_two_servers_is_one_candidate() -> None:
    async with stun_server() as first, stun_server() as second:
        once = await gathered(f"stun:127.0.0.1:{first}")
        twice = await gathered(f"stun:127.0.0.1:{first}", f"stun:127.0.0.1:{second}")
    assert len(once) == len(twice)


async def test_without_a_nat_there_is_no_reflexive_candidate() -> None:
    async with stun_server(mapped=None) as port:
        assert await gathered(f"stun:127.0.0.1:{port}") == []


async def test_a_server_that_answers_is_not_held_back_by_one_that_does_not() -> None:
    async with stun_server() as port:
        urls = ("stun:127.0.0.1:9", "stun:no-such-host.invalid", f"stun:127.0.0.1:{port}")
        assert await gathered(*urls, server_timeout=1.0)


async def test_without_servers_there_is_only_the_end() -> None:
    assert await gathered() == []


def test_both_loopback_addresses_are_there_and_worst() -> None:
    addresses = host_addresses()
    assert [address for address, _ in addresses[-2:]] == ["127.0.0.1", "::1"]
    preferences = [preference for _, preference in addresses]
    assert preferences == sorted(preferences, reverse=True)
    assert len(set(preferences)) == len(preferences)


@pytest.mark.parametrize(
    ("base", "server", "possible"),
    [
        ("10.0.0.1", "203.0.113.1", True),
        ("127.0.0.1", "203.0.113.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "127.0.0.1", False),
        ("2001:db8::2", "2001:db8::1", True),
    ],
)
def test_which_socket_can_ask_which_server(base: str, server: str, possible: bool) -> None:
    assert can_reach(base, server) is possible
