"""Offers, answers and candidates, in every order."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from aiortc.sdp import SessionDescription

from sidecar.contract.errors import (
    InvalidCandidateError,
    InvalidSdpError,
    InvalidStateError,
    LimitExceededError,
)
from sidecar.contract.types import IceCandidate, IceServer
from sidecar.webrtc.ice.server_addresses import IceServerError
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import MAX_CANDIDATES, SdpDescription
from sidecar.webrtc.signalling import Signalling
from tests.support.busy_machine import SLACK
from tests.support.peers import RecordingListener, Viewer

BLACK_HOLE = "stun:192.0.2.253:3478"
CANDIDATE = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host"


def make_peer(listener: RecordingListener | None = None, ice_servers: Sequence[IceServer] = ()) -> Peer:
    return Peer("connection-1", ice_servers=ice_servers, listener=listener or RecordingListener())


async def test_an_offer_waits_for_no_server() -> None:
    servers = [IceServer(urls=[BLACK_HOLE, "turn:192.0.2.253?transport=tcp"], username="u", credential="c")]
    peer = make_peer(ice_servers=servers)
    begun = time.monotonic()
    offer = await peer.create_offer()
    assert time.monotonic() - begun < 1.0 + SLACK  # a server that is waited for takes 10 s
    assert peer.ice_gathering_state == "gathering"
    assert "127.0.0.1" in offer.sdp
    await peer.close()


async def test_an_offer_is_one_sendonly_video_that_trickles() -> None:
    peer = make_peer()
    offer = await peer.create_offer()
    description = SessionDescription.parse(offer.sdp)
    (media,) = description.media
    assert (offer.type, media.kind, media.direction, media.rtp.muxId) == ("offer", "video", "sendonly", "0")
    assert [codec.mimeType for codec in media.rtp.codecs] == ["video/H264", "video/rtx"]
    assert media.rtp.codecs[0].parameters["profile-level-id"] == "42e01f"
    assert media.rtp.codecs[0].parameters["packetization-mode"] == "1"
    assert any(extension.uri.endswith("/playout-delay") for extension in media.rtp.headerExtensions)
    assert media.ice_options == "trickle"
    assert {candidate.type for candidate in media.ice_candidates} == {"host"}
    await peer.close()


async def test_loopback_comes_last_among_the_candidates() -> None:
    peer = make_peer()
    offer = await peer.create_offer()
    candidates = SessionDescription.parse(offer.sdp).media[0].ice_candidates
    by_priority = sorted(candidates, key=lambda candidate: candidate.priority)
    loopback = [candidate.ip in ("127.0.0.1", "::1") for candidate in by_priority]
    assert loopback == sorted(loopback, reverse=True)
    await peer.close()


async def test_the_end_of_the_candidates_is_told_when_there_are_no_servers() -> None:
    listener = RecordingListener()
    peer = make_peer(listener)
    await peer.create_offer()
    await listener.until(lambda: listener.candidates == [None])
    assert peer.ice_gathering_state == "complete"
    await peer.close()


async def test_a_second_offer_is_the_same_one() -> None:
    peer = make_peer()
    assert (await peer.create_offer()).sdp.splitlines()[1] == (await peer.create_offer()).sdp.splitlines()[1]
    await peer.close()


async def test_an_answer_without_an_offer_is_refused() -> None:
    viewer, first, second = Viewer(), make_peer(), make_peer()
    answer = await viewer.answer(await first.create_offer())
    with pytest.raises(InvalidStateError):
        await second.set_remote_description("answer", answer)
    assert second.connection_state == "new"
    for each in (viewer, first, second):
        await each.close()


def without_mids(sdp: str) -> str:
    return "".join(line for line in sdp.splitlines(keepends=True) if not line.startswith(("a=mid", "a=group")))


async def test_an_answer_without_mids_and_groups_connects() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    answer = await viewer.answer(await peer.create_offer())
    assert without_mids(answer) != answer
    await peer.set_remote_description("answer", without_mids(answer))
    await listener.until_state("connected")
    await peer.close()
    await viewer.close()


async def test_an_offer_without_mids_and_groups_is_answered_without_them_and_connects() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    await peer.set_remote_description("offer", without_mids(await viewer.offer()))
    answer = await peer.create_answer()
    assert without_mids(answer.sdp) == answer.sdp
    # aiortc itself knows sections by their mids only.
    named = answer.sdp.replace("t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 0\r\n") + "a=mid:0\r\n"
    await viewer.take_answer(SdpDescription("answer", named))
    await listener.until_state("connected")
    await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE, sdpMid=None, sdpMLineIndex=0))
    await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE, sdpMid="", sdpMLineIndex=0))
    with pytest.raises(InvalidCandidateError):
        await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE, sdpMLineIndex=1))
    await peer.close()
    await viewer.close()


async def test_candidates_of_a_server_name_the_section_that_the_group_is_tagged_with() -> None:
    audio, video = Viewer(), Viewer()
    audio.pc.addTransceiver("audio", direction="recvonly")
    with_audio, without = Signalling([("sha-256", "AB")]), Signalling([("sha-256", "AB")])
    with_audio.take_offer(await audio.offer())
    assert with_audio.section == ("0", 0)
    without.take_offer(without_mids(await video.offer()))
    assert without.section == (None, 0)
    for each in (audio, video):
        await each.close()


async def test_a_second_answer_is_refused() -> None:
    viewer, peer = Viewer(), make_peer()
    answer = await viewer.answer(await peer.create_offer())
    await peer.set_remote_description("answer", answer)
    with pytest.raises(InvalidStateError):
        await peer.set_remote_description("answer", answer)
    with pytest.raises(InvalidStateError):
        await peer.create_offer()
    await peer.close()
    await viewer.close()


async def test_an_answer_without_a_remote_offer_cannot_be_made() -> None:
    peer = make_peer()
    with pytest.raises(InvalidStateError):
        await peer.create_answer()
    await peer.close()


async def test_an_offer_of_each_side_at_once_is_refused() -> None:
    viewer, peer = Viewer(), make_peer()
    await peer.create_offer()
    with pytest.raises(InvalidStateError):
        await peer.set_remote_description("offer", await viewer.offer())
    await peer.close()
    await viewer.close()


async def test_a_bad_answer_changes_nothing() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    answer = await viewer.answer(await peer.create_offer())
    for bad in ("", "v=0\r\n", answer.replace("H264", "VP8"), answer.replace("a=fingerprint", "a=x-fingerprint")):
        with pytest.raises(InvalidSdpError):
            await peer.set_remote_description("answer", bad)
    assert peer.connection_state == "new"
    await peer.set_remote_description("answer", answer)
    await listener.until_state("connected")
    await peer.close()
    await viewer.close()


async def test_a_closed_peer_refuses_everything() -> None:
    peer = make_peer()
    await peer.close()
    with pytest.raises(InvalidStateError):
        await peer.create_offer()
    with pytest.raises(InvalidStateError):
        await peer.set_remote_description("offer", "v=0")
    with pytest.raises(InvalidStateError):
        await peer.add_ice_candidate(None)
    with pytest.raises(InvalidStateError):
        peer.add_video()


async def test_candidates_before_the_description_are_kept() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    answer = await viewer.answer(await peer.create_offer())
    lines = [line[2:] for line in answer.splitlines() if line.startswith("a=candidate")]
    assert lines
    for line in lines:
        await peer.add_ice_candidate(IceCandidate(candidate=line, sdpMid="0", sdpMLineIndex=0))
    without = "".join(line for line in answer.splitlines(keepends=True) if not line.startswith("a=candidate"))
    await peer.set_remote_description("answer", without)
    await listener.until_state("connected")
    await peer.close()
    await viewer.close()


@pytest.mark.parametrize(("mid", "index"), [(None, None), ("0", None), (None, 0), ("0", 0)])
async def test_candidates_after_the_end_of_candidates_still_work(mid: str | None, index: int | None) -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    answer = await viewer.answer(await peer.create_offer())
    lines = [line[2:] for line in answer.splitlines() if line.startswith("a=candidate")]
    without = "".join(line for line in answer.splitlines(keepends=True) if not line.startswith("a=candidate"))
    await peer.set_remote_description("answer", without)
    await peer.add_ice_candidate(None)
    await peer.add_ice_candidate(IceCandidate(candidate=""))
    for line in lines:
        await peer.add_ice_candidate(IceCandidate(candidate=line, sdpMid=mid, sdpMLineIndex=index))
    await listener.until_state("connected")
    await peer.close()
    await viewer.close()


async def test_a_candidate_for_no_section_is_refused() -> None:
    viewer, peer = Viewer(), make_peer()
    await peer.set_remote_description("offer", await viewer.offer())
    for mid, index in (("7", None), (None, 3)):
        with pytest.raises(InvalidCandidateError):
            await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE, sdpMid=mid, sdpMLineIndex=index))
    with pytest.raises(InvalidCandidateError):
        await peer.add_ice_candidate(IceCandidate(candidate="candidate:nonsense", sdpMid="0"))
    await peer.close()
    await viewer.close()


async def test_a_candidate_of_another_generation_is_left_out() -> None:
    viewer, peer = Viewer(), make_peer()
    await peer.set_remote_description("offer", await viewer.offer())
    for _ in range(MAX_CANDIDATES + 1):  # they do not count
        await peer.add_ice_candidate(IceCandidate(candidate=f"{CANDIDATE} generation 1 ufrag other", sdpMid="0"))
    await peer.close()
    await viewer.close()


async def test_candidates_are_bounded() -> None:
    peer = make_peer()
    for _ in range(MAX_CANDIDATES):
        await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE))
    with pytest.raises(LimitExceededError):
        await peer.add_ice_candidate(IceCandidate(candidate=CANDIDATE))
    await peer.close()


async def test_a_name_that_does_not_resolve_keeps_nobody_waiting() -> None:
    listener, viewer = RecordingListener(), Viewer()
    peer = make_peer(listener)
    answer = await viewer.answer(await peer.create_offer())
    name = "candidate:1 1 udp 2113937151 6bd3a0a8-0000-4000-8000-000000000000.local 50000 typ host"
    begun = time.monotonic()
    await peer.add_ice_candidate(IceCandidate(candidate=name, sdpMid="0"))
    await peer.set_remote_description("answer", answer)
    await peer.add_ice_candidate(IceCandidate(candidate=name, sdpMid="0"))
    assert time.monotonic() - begun < 1.9  # each of two resolutions that are waited for takes a second
    await listener.until_state("connected")
    await peer.close()
    await viewer.close()


async def test_servers_that_cannot_be_used_are_refused_at_once() -> None:
    with pytest.raises(IceServerError):
        make_peer(ice_servers=[IceServer(urls="turn:turn.example.org")])
