"""How a connection comes up, and why it does not."""

from __future__ import annotations

import asyncio
import re

from sidecar.webrtc.peer import Peer
from sidecar.webrtc.policy import PeerPolicy
from tests.support.peers import RecordingListener, Viewer, connected_peers

SHORT = PeerPolicy(connect_timeout=0.4)
"""Seconds that a test can wait for."""


def without_candidates(sdp: str) -> str:
    kept = [line for line in sdp.splitlines() if not line.startswith(("a=candidate", "a=end-of-candidates"))]
    return "\r\n".join(kept) + "\r\n"


async def failure(peer: Peer, listener: RecordingListener, viewer: Viewer) -> str | None:
    await listener.until_state("failed")
    assert peer.connection_state == "failed"
    await peer.close()
    await viewer.close()
    return listener.reason_of("failed")


async def test_the_states_of_a_connection() -> None:
    async with connected_peers() as (peer, listener, _):
        assert listener.states == [("connecting", None), ("connected", None)]
        assert (peer.connection_state, peer.ice_connection_state) == ("connected", "connected")
    assert listener.states[-1] == ("closed", None)
    assert (peer.connection_state, peer.ice_connection_state) == ("closed", "closed")


async def test_the_far_side_may_make_the_offer() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    await peer.set_remote_description("offer", await viewer.offer())
    answer = await peer.create_answer()
    assert answer.type == "answer"
    assert "a=sendonly" in answer.sdp
    await viewer.take_answer(answer)
    await listener.until_state("connected")
    await viewer.until_connected()
    await peer.close()
    await viewer.close()


async def test_a_peer_that_was_never_answered_is_not_failed() -> None:
    listener = RecordingListener()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=PeerPolicy(connect_timeout=0.05))
    await peer.create_offer()
    await asyncio.sleep(0.2)
    assert listener.states == []
    await peer.close()


async def test_it_fails_without_a_remote_candidate() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=SHORT)
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    await peer.set_remote_description("answer", without_candidates(answer))
    assert (await failure(peer, listener, viewer) or "").startswith("no remote candidate")


async def test_it_fails_when_the_names_of_the_candidates_do_not_resolve() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=SHORT)
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    hidden = re.sub(r"127\.0\.0\.1 (\d+ typ host)", r"6bd3a0a8-0000-4000-8000-000000000000.local \1", answer)
    await peer.set_remote_description("answer", hidden)
    assert "names do not resolve" in (await failure(peer, listener, viewer) or "")


async def test_it_fails_when_no_candidate_pair_answers() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=SHORT)
    answer = await viewer.answer(await peer.create_offer())
    await viewer.close()
    await peer.set_remote_description("answer", answer)
    assert (await failure(peer, listener, viewer) or "").startswith("no candidate pair answered")


async def test_it_fails_when_dtls_is_silent() -> None:
    async def silent(remoteParameters: object) -> None:  # noqa: N803 - aiortc's name
        return

    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=SHORT)
    answer = await viewer.answer(await peer.create_offer())
    viewer.receiver.transport.start = silent  # type: ignore[method-assign]
    await peer.set_remote_description("answer", answer)
    assert await failure(peer, listener, viewer) == "the peer's DTLS did not answer"


async def test_it_fails_when_the_certificate_is_another_one() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener)
    answer = await viewer.answer(await peer.create_offer())
    forged = re.sub(r"(a=fingerprint:sha-\d+ )..", r"\g<1>00", answer)
    await peer.set_remote_description("answer", forged)
    assert "certificate does not match" in (await failure(peer, listener, viewer) or "")


async def test_nobody_but_the_answerer_can_connect() -> None:
    listener, viewer, stranger = RecordingListener(), Viewer(), Viewer()
    peer = Peer("connection-1", ice_servers=[], listener=listener, policy=SHORT)
    offer = await peer.create_offer()
    answer = await viewer.answer(offer)
    await viewer.close()
    await stranger.answer(offer)
    await peer.set_remote_description("answer", answer)
    assert "no candidate pair answered" in (await failure(peer, listener, stranger) or "")
