"""ICE restarts by either side, after an offer of either side; DTLS, SRTP and the stream continue."""

from __future__ import annotations

import asyncio
import re

import psutil
import pytest
from aiortc.sdp import SessionDescription

from sidecar.contract.errors import InvalidSdpError, InvalidStateError, LimitExceededError
from sidecar.contract.types import IceCandidate
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.policy import PeerPolicy
from sidecar.webrtc.sdp import MAX_CANDIDATES
from tests.support.peers import PATIENCE, RecordingListener, Viewer, connected_peers, pushing, until
from tests.support.restarting_viewer import RestartingViewer, restartable_peers

QUICK = {
    "policy": PeerPolicy(poll_interval=0.05),
    "ice_policy": IcePolicy(timings=IceTimings(consent_interval=0.1)),
}
"""Options of a peer with a tenth of the usual intervals; tests/network uses the usual ones."""


async def pictures(viewer: Viewer, count: int = 3) -> None:
    assert viewer.track is not None
    for _ in range(count):
        await asyncio.wait_for(viewer.track.recv(), PATIENCE)


async def until_generation(peer: Peer, number: int) -> None:
    await until(lambda: peer.generation == number)


def ice_username_fragment(sdp: str) -> str:
    (fragment,) = re.findall(r"^a=ice-ufrag:(\S+)", sdp, re.MULTILINE)
    return str(fragment)


async def restart(peer: Peer, viewer: RestartingViewer) -> None:
    """Ours offers."""
    answer = await viewer.answer_restart(await peer.create_offer(ice_restart=True))
    await peer.set_remote_description("answer", answer)
    await until_generation(peer, peer.described_generation)


async def test_a_restart_of_ours_changes_the_path_and_nothing_else() -> None:
    async with restartable_peers() as (peer, listener, viewer), pushing(peer, listener):
        await pictures(viewer)
        before = peer.stats()
        dtls_states: list[str] = []
        transport = viewer.receiver.transport
        transport.on("statechange", lambda: dtls_states.append(transport.state))
        await restart(peer, viewer)
        await pictures(viewer)
        after = peer.stats()
        assert (transport.state, dtls_states) == ("connected", [])
        assert after.candidate_pair != before.candidate_pair
        assert after.frames_sent > before.frames_sent
        assert listener.state_names == ["connecting", "connected"]


async def test_a_restart_of_the_viewer_s_is_answered() -> None:
    async with restartable_peers() as (peer, listener, viewer), pushing(peer, listener):
        await pictures(viewer)
        await peer.set_remote_description("offer", await viewer.offer_restart())
        await viewer.take_restart_answer(await peer.create_answer())
        await until_generation(peer, 1)
        await pictures(viewer)


async def test_either_side_restarts_what_the_viewer_offered_first() -> None:
    listener, viewer = RecordingListener(), RestartingViewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    await peer.set_remote_description("offer", await viewer.offer())
    await viewer.take_answer(await peer.create_answer())
    await listener.until_state("connected")
    async with pushing(peer, listener):
        await pictures(viewer)
        await restart(peer, viewer)
        await pictures(viewer)
        await peer.set_remote_description("offer", await viewer.offer_restart())
        await viewer.take_restart_answer(await peer.create_answer())
        await until_generation(peer, 2)
        await pictures(viewer)
    await peer.close()
    await viewer.close()


async def test_a_restart_brings_a_lost_viewer_back_with_a_keyframe() -> None:
    async with restartable_peers(**QUICK) as (peer, listener, viewer), pushing(peer, listener):
        await pictures(viewer)
        with viewer.cut():
            await listener.until_state("disconnected")
            asked = listener.subscription.keyframe_requests
            await restart(peer, viewer)
        assert (listener.state_names[-1], peer.ice_connection_state) == ("connected", "connected")
        assert listener.subscription.keyframe_requests == asked + 1
        await pictures(viewer)


async def test_a_later_offer_is_the_same_but_for_its_generation() -> None:
    async with connected_peers() as (peer, _, viewer):
        first_offer = viewer.pc.remoteDescription.sdp
        (first,) = SessionDescription.parse(first_offer).media
        offer = await peer.create_offer(ice_restart=True)
        again = await peer.create_offer(ice_restart=True)
        origin = [sdp.splitlines()[1].split() for sdp in (first_offer, offer.sdp, again.sdp)]
        assert len({words[1] for words in origin}) == 1
        assert [words[2] for words in origin] == ["0", "1", "2"]
        (media,) = SessionDescription.parse(offer.sdp).media
        assert [each.ssrc for each in media.ssrc] == [each.ssrc for each in first.ssrc]
        assert media.dtls is not None and first.dtls is not None
        assert media.ice is not None and first.ice is not None
        assert (media.rtp.muxId, media.dtls.role) == ("0", "auto")
        assert media.dtls.fingerprints == first.dtls.fingerprints
        assert media.ice.usernameFragment != first.ice.usernameFragment


async def test_an_offer_after_the_first_exchange_has_to_restart_ice() -> None:
    async with connected_peers() as (peer, _, _):
        with pytest.raises(InvalidStateError, match="only its ICE"):
            await peer.create_offer()


async def test_a_connection_that_has_not_come_up_cannot_be_restarted() -> None:
    viewer, peer = Viewer(), Peer("connection-1", ice_servers=[], listener=RecordingListener())
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    await peer.set_remote_description("answer", answer)
    with pytest.raises(InvalidStateError, match="not connected yet"):
        await peer.create_offer(ice_restart=True)
    await peer.close()


async def test_an_answer_of_another_peer_connection_is_refused() -> None:
    async with connected_peers() as (peer, _, _):
        other = Viewer()
        answer = await other.answer(await peer.create_offer(ice_restart=True))
        with pytest.raises(InvalidSdpError, match="certificate"):
            await peer.set_remote_description("answer", answer)
        assert peer.connection_state == "connected"
        await other.close()


async def test_the_viewer_s_restart_wins_over_one_of_ours_that_it_crosses() -> None:
    async with restartable_peers() as (peer, _, viewer):
        await peer.create_offer(ice_restart=True)
        await peer.set_remote_description("offer", await viewer.offer_restart())
        await viewer.take_restart_answer(await peer.create_answer())
        await until_generation(peer, 2)


async def test_an_offer_of_ours_waits_for_the_answer_to_the_viewer_s() -> None:
    async with restartable_peers() as (peer, _, viewer):
        await peer.set_remote_description("offer", await viewer.offer_restart())
        with pytest.raises(InvalidStateError, match="waits for its answer"):
            await peer.create_offer(ice_restart=True)


async def test_an_offer_of_the_same_generation_restarts_nothing() -> None:
    async with connected_peers() as (peer, listener, viewer):
        again = viewer.pc.localDescription.sdp.replace("a=setup:active", "a=setup:actpass")
        await peer.set_remote_description("offer", again)
        answer = await peer.create_answer()
        assert peer.generation == peer.described_generation == 0
        assert ice_username_fragment(answer.sdp) == ice_username_fragment(viewer.pc.remoteDescription.sdp)
        assert "a=setup:passive" in answer.sdp
        assert listener.state_names == ["connecting", "connected"]


async def test_a_restart_that_finds_no_path_changes_nothing() -> None:
    async with connected_peers(policy=PeerPolicy(connect_timeout=1.0)) as (peer, listener, viewer):
        offer = await peer.create_offer(ice_restart=True)
        text = viewer.pc.localDescription.sdp.replace("a=ice-ufrag:", "a=ice-ufrag:other")
        assert offer.type == "offer"
        await peer.set_remote_description("answer", text)
        await until(lambda: peer.described_generation == 0)
        assert peer.generation == 0
        assert listener.state_names == ["connecting", "connected"]


async def test_candidates_reach_the_generation_that_they_name() -> None:
    line = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host"
    async with restartable_peers() as (peer, _, viewer):
        old_fragment = ice_username_fragment(viewer.pc.localDescription.sdp)
        await viewer.answer_restart(await peer.create_offer(ice_restart=True))
        old = IceCandidate(candidate=line, sdpMid="0", usernameFragment=old_fragment)
        with pytest.raises(LimitExceededError):
            for _ in range(MAX_CANDIDATES):
                await peer.add_ice_candidate(old)
        for _ in range(MAX_CANDIDATES):
            await peer.add_ice_candidate(IceCandidate(candidate=line, sdpMid="0", usernameFragment="unknown"))
        await peer.add_ice_candidate(None)


async def test_restarts_leave_no_socket_and_no_task_behind() -> None:
    process = psutil.Process()
    async with restartable_peers() as (peer, _, viewer):
        await restart(peer, viewer)
        await asyncio.sleep(0.2)
        tasks, sockets = len(asyncio.all_tasks()), len(process.net_connections("inet"))
        for _ in range(5):
            await peer.create_offer(ice_restart=True)
            await restart(peer, viewer)
        await until(lambda: len(asyncio.all_tasks()) <= tasks and len(process.net_connections("inet")) <= sockets)


async def test_a_peer_that_restarts_closes_and_leaves_nothing() -> None:
    process, tasks = psutil.Process(), asyncio.all_tasks()
    sockets = len(process.net_connections("inet"))
    async with restartable_peers() as (peer, _, viewer):
        await viewer.answer_restart(await peer.create_offer(ice_restart=True))
        await peer.close()
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks
    assert len(process.net_connections("inet")) == sockets
