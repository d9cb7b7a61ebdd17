"""--peers local: ICE connects to the addresses of this machine and to no others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import cast

import aioice.ice
import pytest
from aioice import stun

from sidecar.contract.types import IceCandidate
from sidecar.webrtc.ice.addresses import base_addresses, host_addresses
from sidecar.webrtc.ice.candidates import is_loopback
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.sockets import CheckedProtocol
from sidecar.webrtc.peer import Peer
from tests.support.peers import PATIENCE, RecordingListener, Viewer, connected_with, gather_on_loopback, pushing, until

LOCAL = IcePolicy("local")
ELSEWHERE = "203.0.113.9"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer("connection-1", ice_servers=[], ice_policy=LOCAL, listener=RecordingListener())
    yield made
    await made.close()


def check(peer: Peer) -> bytes:
    """Return a check of a peer that knows the password."""
    agent = peer.ice_agents[0]
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes.update({"USERNAME": f"{agent.local_username}:peer", "PRIORITY": 1, "ICE-CONTROLLED": 1})
    request.add_message_integrity(agent.local_password.encode())
    return bytes(request)


async def test_a_viewer_on_this_machine_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)
    async with connected_with(Viewer(), ice_policy=LOCAL) as (peer, listener, viewer), pushing(peer, listener):
        assert viewer.track is not None
        await asyncio.wait_for(viewer.track.recv(), PATIENCE)


async def test_a_viewer_at_another_address_of_this_machine_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    routed = [address for address, _ in host_addresses() if not is_loopback(address) and ":" not in address]
    if not routed:
        pytest.skip("this machine has no address but that of the loopback interface")
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: routed)
    monkeypatch.setattr("sidecar.webrtc.ice.addresses.get_host_addresses", lambda use_ipv4, use_ipv6: routed)
    async with connected_with(Viewer(), ice_policy=LOCAL) as (peer, listener, viewer), pushing(peer, listener):
        pair = peer.ice_agents[0].selected_pair
        assert pair is not None
        assert pair.remote_addr[0] in routed
        assert viewer.track is not None
        await asyncio.wait_for(viewer.track.recv(), PATIENCE)


async def test_candidates_of_other_machines_are_ignored_with_one_line(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sidecar")
    viewer = Viewer()
    answer = await viewer.answer(await peer.create_offer())
    others = "".join(
        f"a=candidate:{number} 1 udp 2113937151 {ELSEWHERE} {5000 + number} typ host\r\n" for number in range(5)
    )
    await peer.set_remote_description("answer", answer + others)
    line = f"candidate:9 1 udp 2113937151 {ELSEWHERE} 5009 typ host"
    await peer.add_ice_candidate(IceCandidate(candidate=line, sdpMid="0"))
    agent = peer.ice_agents[0]
    assert ELSEWHERE not in {each._network_host for each in agent.remote_candidates}
    assert sum("--peers local" in message for message in caplog.messages) == 1
    await viewer.close()


async def test_a_name_counts_by_the_address_that_it_leads_to(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"near.local": "127.0.0.1", "far.local": ELSEWHERE}
    resolved: set[str] = set()

    class Responder:
        async def resolve(self, name: str) -> str:
            resolved.add(name)
            return names[name]

    async def responder(subscriber: object) -> Responder:
        return Responder()

    monkeypatch.setattr("aioice.ice.get_or_create_mdns_protocol", responder)
    viewer = Viewer()
    await peer.set_remote_description("answer", await viewer.answer(await peer.create_offer()))
    agent = peer.ice_agents[0]
    for name in names:
        line = f"candidate:9 1 udp 2113937151 {name} 5009 typ host"
        await peer.add_ice_candidate(IceCandidate(candidate=line, sdpMid="0"))
    await until(lambda: resolved == set(names))
    await until(lambda: agent.resolving_names == 0)
    found = {(each.host, each._network_host) for each in agent.remote_candidates}
    assert ("near.local", "127.0.0.1") in found
    assert "far.local" not in {host for host, _ in found}
    await viewer.close()


async def test_a_check_from_elsewhere_is_dropped_though_it_has_the_password(peer: Peer) -> None:
    await peer.create_offer()
    agent = peer.ice_agents[0]
    protocol = cast(CheckedProtocol, agent._protocols[0])
    protocol.datagram_received(check(peer), (ELSEWHERE, 5000))
    assert protocol.refused == 1
    assert not agent._early_checks
    protocol.datagram_received(b"\x16" + bytes(20), (ELSEWHERE, 5000))
    assert agent.waiting_datagrams == 0
    protocol.datagram_received(check(peer), ("127.0.0.1", 5000))
    assert len(agent._early_checks) == 1


@pytest.mark.parametrize(
    ("is_local", "loopback_reaches_all", "first"), [(True, True, 1), (False, True, 0), (True, False, 0)]
)
def test_sockets_are_opened_on_the_loopback_interface_only_where_that_is_enough(
    is_local: bool, loopback_reaches_all: bool, first: int
) -> None:
    addresses = [("10.0.0.1", 3), ("127.0.0.1", 2), ("::1", 1)]
    bases = base_addresses(addresses, is_local=is_local, loopback_reaches_all=loopback_reaches_all)
    assert bases == addresses[first:]
