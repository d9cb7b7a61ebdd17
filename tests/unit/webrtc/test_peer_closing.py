"""close() ends all tasks and sockets, at any stage of a connection."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import time
import weakref

import psutil
import pytest
from aioice.ice import CandidatePair

from sidecar.contract.types import IceCandidate, IceServer
from sidecar.webrtc.ice.consent import Consent
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.policy import PeerPolicy
from tests.support.access_units import encoded_pictures, stamped_now
from tests.support.busy_machine import SLACK
from tests.support.peers import PATIENCE, RecordingListener, Viewer, connected_peers, pushing

NAMED = "candidate:1 1 udp 2113937151 6bd3a0a8-0000-4000-8000-000000000000.local 50000 typ host"


def sockets() -> int:
    """How many internet sockets this process has."""
    return len(psutil.Process().net_connections("inet"))


async def assert_nothing_is_left(tasks_before: set[asyncio.Task[object]], sockets_before: int) -> None:
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks_before
    assert sockets() == sockets_before


async def test_a_new_peer_closes() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    peer = Peer("connection-1", ice_servers=[], listener=RecordingListener())
    await peer.close()
    await assert_nothing_is_left(tasks, open_sockets)


async def test_a_connected_peer_closes_and_leaves_nothing() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    async with connected_peers() as (peer, listener, _):
        async with pushing(peer, listener):
            await listener.until(lambda: listener.subscription.keyframe_requests > 0)
        begun = time.monotonic()
        await peer.close()
        assert time.monotonic() - begun < 1.0 + SLACK  # a server that is waited for takes 10 s
    await assert_nothing_is_left(tasks, open_sockets)


async def test_pictures_may_come_while_a_peer_closes() -> None:
    async with connected_peers() as (peer, listener, _):
        unit = encoded_pictures(1)[0]
        peer.push(stamped_now(unit))
        closing = asyncio.create_task(peer.close())
        while not closing.done():
            peer.push(stamped_now(unit))
            await asyncio.sleep(0)
        peer.push(stamped_now(unit))
        await closing
        assert listener.subscription.keyframe_requests == 1
        assert peer.stats().frames_dropped == 0


async def test_a_peer_whose_servers_are_dead_closes_while_it_asks_them() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", 0))
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp_port, tcp_port = udp.getsockname()[1], tcp.getsockname()[1]
        urls = [f"stun:127.0.0.1:{udp_port}", f"turn:127.0.0.1:{udp_port}"]
        urls += [f"turn:127.0.0.1:{tcp_port}?transport=tcp", f"turns:127.0.0.1:{tcp_port}"]
        server = IceServer(urls=urls, username="user", credential="secret")
        listener = RecordingListener()
        peer = Peer("connection-1", ice_servers=[server], listener=listener)
        await peer.create_offer()
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        await peer.close()
        assert time.monotonic() - begun < 1.0 + SLACK  # a server that is waited for takes 10 s
        assert listener.candidates == []
    await assert_nothing_is_left(tasks, open_sockets)


async def test_a_peer_that_connects_closes() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    viewer, peer = Viewer(), Peer("connection-1", ice_servers=[], listener=RecordingListener())
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    await peer.set_remote_description("answer", answer)
    await peer.add_ice_candidate(IceCandidate(candidate=NAMED, sdpMid="0"))
    await asyncio.sleep(0.05)
    await asyncio.gather(peer.close(), peer.close())
    await assert_nothing_is_left(tasks, open_sockets)


async def test_a_peer_that_makes_an_offer_closes() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    peer = Peer("connection-1", ice_servers=[], listener=RecordingListener())
    offer = asyncio.create_task(peer.create_offer())
    await asyncio.sleep(0)
    await peer.close()
    await asyncio.gather(offer, return_exceptions=True)
    await assert_nothing_is_left(tasks, open_sockets)


async def test_a_failed_peer_closes() -> None:
    tasks, open_sockets = asyncio.all_tasks(), sockets()
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=PeerPolicy(connect_timeout=0.1))
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    await peer.set_remote_description("answer", answer)
    await listener.until_state("failed")
    await peer.close()
    await assert_nothing_is_left(tasks, open_sockets)


async def test_a_peer_is_forgotten_after_its_end() -> None:
    async with connected_peers() as (peer, _, _):
        reference = weakref.ref(peer)
    del peer
    gc.collect()
    assert reference() is None


async def test_secrets_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    impatient = IcePolicy(timings=IceTimings(server_timeout=0.5))
    server = IceServer(urls="turn:127.0.0.1:9?transport=tcp", username="someone", credential="sesame-open")
    listener = RecordingListener()
    peer = Peer("connection-1", ice_servers=[server], ice_policy=impatient, listener=listener)
    offer = await peer.create_offer()
    await listener.until(lambda: None in listener.candidates)
    assert "no candidate from turn:127.0.0.1:9?transport=tcp: " in caplog.text
    assert "sesame-open" not in caplog.text
    (password,) = re.findall(r"a=ice-pwd:(\S+)", offer.sdp)
    assert password not in caplog.text
    await peer.close()


async def test_nobody_is_asked_for_consent_once_a_peer_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    is_asked = asyncio.Event()
    ask = Consent.ask

    async def recording(consent: Consent, pair: CandidatePair) -> None:
        asked.append(consent.is_stopped)
        is_asked.set()
        await ask(consent, pair)

    class SlowToEnd:
        is_asked = asyncio.Event()

        async def resolve(self, name: str) -> str | None:
            self.is_asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.1)  # like the release of a relay: consent is due many times meanwhile
            return None

    async def queries(subscriber: object) -> SlowToEnd:
        return SlowToEnd()

    monkeypatch.setattr("aioice.ice.get_or_create_mdns_protocol", queries)
    monkeypatch.setattr(Consent, "ask", recording)
    often = IcePolicy(timings=IceTimings(consent_interval=0.01))
    async with connected_peers(ice_policy=often) as (peer, _, _):
        await peer.add_ice_candidate(IceCandidate(candidate=NAMED, sdpMid="0"))
        await asyncio.wait_for(SlowToEnd.is_asked.wait(), PATIENCE)
        await asyncio.wait_for(is_asked.wait(), PATIENCE)
        begun = time.monotonic()
        await peer.close()
        assert time.monotonic() - begun >= 0.1, "the query ends slowly"
    assert set(asked) == {False}
