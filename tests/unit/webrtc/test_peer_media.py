"""Pictures and feedback over a real connection."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import RTCP_PSFB_APP, RTCP_PSFB_FIR, RtcpPsfbPacket, RtpPacket, pack_remb_fci
from av import VideoFrame

from sidecar.contract.types import ConnectionState
from sidecar.webrtc import dtls
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.policy import PeerPolicy
from sidecar.webrtc.rtp.rtp_session import RtpSession
from tests.support.access_units import HEIGHT, WIDTH, encoded_pictures, stamped_now
from tests.support.peers import (
    PATIENCE,
    RecordingListener,
    RecordingSubscription,
    Viewer,
    connected_peers,
    pushing,
)


async def picture(viewer: Viewer) -> VideoFrame:
    assert viewer.track is not None
    frame = await asyncio.wait_for(viewer.track.recv(), PATIENCE)
    assert isinstance(frame, VideoFrame)
    return frame


async def until(condition: Callable[[], bool], viewer: Viewer) -> None:
    """Wait for counters of a running stream: check them with each picture."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await picture(viewer)


async def test_a_viewer_decodes_what_is_pushed() -> None:
    async with connected_peers() as (peer, listener, viewer), pushing(peer, listener):
        frame = await picture(viewer)
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        figures = peer.stats()
        assert figures.frames_sent >= 1
        assert figures.packets_sent > figures.frames_sent
        assert figures.bytes_sent > 0
        assert peer.first_frame_sent_at is not None
        assert figures.encoded_to_sent_ms.p50 is not None
        assert figures.newest_frame is not None
        assert 0 <= time.time() - figures.newest_frame.captured_wall_ms / 1000 < PATIENCE


async def test_a_new_viewer_gets_nothing_before_a_keyframe() -> None:
    async with connected_peers() as (peer, listener, _):
        assert listener.subscription.keyframe_requests == 1
        keyframe, *others = encoded_pictures(3)
        peer.push(stamped_now(others[0]))
        assert peer.stats().frames_sent == 0
        peer.push(stamped_now(keyframe))
        peer.push(stamped_now(others[0]))
        assert peer.stats().frames_sent == 2


async def test_nothing_is_sent_without_a_connection() -> None:
    peer = Peer("connection-1", ice_servers=[], listener=RecordingListener())
    peer.push(encoded_pictures(1)[0])
    assert peer.stats().frames_sent == 0
    await peer.close()
    peer.push(encoded_pictures(1)[0])


async def test_a_lost_packet_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[int] = []
    lost: list[int] = []
    handle = RTCRtpReceiver._handle_rtp_packet

    async def lossy(self: RTCRtpReceiver, packet: RtpPacket, arrival_time_ms: int) -> None:
        received.append(packet.sequence_number)
        # Not from the first picture: a receiver cannot miss packets before the first one that it gets.
        if len(received) > 60 and not lost:
            lost.append(packet.sequence_number)
            return
        await handle(self, packet, arrival_time_ms)

    monkeypatch.setattr(RTCRtpReceiver, "_handle_rtp_packet", lossy)
    async with connected_peers() as (peer, listener, viewer), pushing(peer, listener):
        await until(lambda: peer.stats().retransmitted_packets_sent >= 1, viewer)
        await picture(viewer)
        figures = peer.stats()
        assert lost
        assert figures.nack_count >= 1
        assert figures.pli_count == 0


async def test_a_packet_that_is_missed_only_with_the_next_picture_a_second_later_comes_back() -> None:
    short = PeerPolicy(history_seconds=0.05)  # a twentieth, and so is the time between two pictures
    keyframe, *others = encoded_pictures(5)
    async with connected_peers(policy=short) as (peer, _, viewer):
        peer.push(stamped_now(keyframe))
        for number, unit in enumerate(others):
            await asyncio.sleep(0.06)
            with viewer.cut() if number == 1 else nullcontext():
                peer.push(stamped_now(unit))
                await asyncio.sleep(0.01)
        await viewer_has_missed(peer)
        assert peer.stats().retransmitted_packets_sent >= 1
        for _ in others:  # the decoder keeps one back
            await picture(viewer)
        assert peer.stats().pli_count == 0


async def viewer_has_missed(peer: Peer) -> None:
    async with asyncio.timeout(PATIENCE):
        while not peer.stats().nack_count:  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0.01)


async def until_pli(peer: Peer, listener: RecordingListener, viewer: Viewer) -> None:
    """Send a picture loss indication, and wait until it reached the subscription."""
    asked, told = listener.subscription.keyframe_requests, peer.stats().pli_count
    await viewer.send_picture_loss()
    await listener.until(lambda: listener.subscription.keyframe_requests > asked)
    assert peer.stats().pli_count == told + 1


async def test_a_picture_loss_indication_asks_for_a_keyframe() -> None:
    async with connected_peers() as (peer, listener, viewer), pushing(peer, listener):
        await picture(viewer)
        asked = listener.subscription.keyframe_requests
        await viewer.send_picture_loss()
        await listener.until(lambda: listener.subscription.keyframe_requests == asked + 1)
        assert peer.stats().pli_count == 1


async def test_a_full_intra_request_without_media_ssrc_asks_for_a_keyframe() -> None:
    async with connected_peers() as (peer, listener, viewer):
        entry = viewer.ssrc.to_bytes(4, "big") + bytes((7, 0, 0, 0))
        request = RtcpPsfbPacket(fmt=RTCP_PSFB_FIR, ssrc=1, media_ssrc=0, fci=entry)
        asked = listener.subscription.keyframe_requests
        for _ in range(2):
            await viewer.send_rtcp(request)
        await listener.until(lambda: listener.subscription.keyframe_requests == asked + 1)
        assert peer.stats().fir_count == 1


async def test_a_receiver_estimate_becomes_the_bitrate() -> None:
    async with connected_peers() as (peer, listener, viewer):
        peer.push(stamped_now(encoded_pictures(1)[0]))  # has the encoder's target: 2.5 Mbit/s
        estimate = pack_remb_fci(4_000_000, [viewer.ssrc])
        await viewer.send_rtcp(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=estimate))
        capacities = listener.subscription.capacities
        await listener.until(lambda: bool(capacities))
        assert capacities == [pytest.approx(4_000_000, rel=0.01)]
        assert peer.stats().available_bitrate == capacities[0]


async def test_a_subscription_that_is_attached_later_gets_the_estimate_and_no_request_of_before() -> None:
    async with connected_peers() as (peer, listener, viewer):
        peer.push(stamped_now(encoded_pictures(1)[0]))  # has the encoder's target: 2.5 Mbit/s
        estimate = pack_remb_fci(4_000_000, [viewer.ssrc])
        await viewer.send_rtcp(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=estimate))
        await listener.until(lambda: bool(listener.subscription.capacities))
        peer.attach(None)
        later = RecordingSubscription(lambda: None)
        peer.attach(later)
        assert (later.capacities, later.keyframe_requests) == (listener.subscription.capacities, 0)


async def test_reports_give_round_trip_time_and_loss() -> None:
    async with connected_peers() as (peer, listener, viewer), pushing(peer, listener):
        await picture(viewer)
        await until(lambda: peer.stats().jitter_ms is not None and peer.stats().round_trip_time_ms is not None, viewer)
        figures = peer.stats()
        assert figures.round_trip_time_ms is not None
        assert 0 <= figures.round_trip_time_ms < 1000
        assert figures.packets_lost == 0
        assert figures.candidate_pair is not None
        assert figures.candidate_pair.remote.address == "127.0.0.1"


async def test_feedback_that_breaks_does_not_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected_peers() as (peer, listener, viewer):
        broken: list[bytes] = []

        def receive(session: RtpSession, data: bytes) -> None:
            broken.append(data)
            raise RuntimeError("our mistake")

        with monkeypatch.context() as patch:
            patch.setattr(RtpSession, "receive", receive)
            async with pushing(peer, listener):
                await until(lambda: bool(broken), viewer)
        await until_pli(peer, listener, viewer)
        assert peer.connection_state == "connected"


async def test_an_owner_that_breaks_does_not_end_the_connection() -> None:
    class Broken(RecordingListener):
        def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
            super().state_changed(peer, state, reason)
            raise RuntimeError("the owner's mistake")

    class BrokenSubscription(RecordingSubscription):
        def request_keyframe(self) -> None:
            super().request_keyframe()
            raise RuntimeError("the stream's mistake")

    listener = Broken()
    listener.subscription = BrokenSubscription(listener.changed)
    peer, viewer = Peer("connection-1", ice_servers=[], listener=listener), Viewer()
    peer.attach(listener.subscription)
    await peer.set_remote_description("offer", await viewer.offer())
    await viewer.take_answer(await peer.create_answer())
    await listener.until_state("connected")
    async with pushing(peer, listener):
        await picture(viewer)
        asked = listener.subscription.keyframe_requests
        for _ in range(2):
            await viewer.send_picture_loss()
        await listener.until(lambda: listener.subscription.keyframe_requests == asked + 2)
        assert peer.stats().pli_count == 2
        await picture(viewer)
    assert peer.connection_state == "connected"
    await peer.close()
    await viewer.close()


async def test_rubbish_from_anyone_does_not_end_the_connection() -> None:
    async with connected_peers() as (peer, listener, viewer):
        pair = peer.stats().candidate_pair
        assert pair is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for rubbish in (b"", b"\x00", b"\x16", b"\x80", b"\x80\xc9" + bytes(40), bytes(1200)):
                stranger.sendto(rubbish, (pair.local.address, pair.local.port))
        await until_pli(peer, listener, viewer)
        assert peer.connection_state == "connected"


async def test_a_network_that_does_not_keep_up_drops_to_the_next_keyframe(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected_peers() as (peer, listener, _):
        keyframe, *others = encoded_pictures(4)
        peer.push(stamped_now(keyframe))
        asked = listener.subscription.keyframe_requests
        with monkeypatch.context() as patch:
            patch.setattr(dtls, "backlog", lambda transport: 2 * dtls.MAX_BACKLOG)
            peer.push(stamped_now(others[0]))
        peer.push(stamped_now(others[1]))
        figures = peer.stats()
        assert (figures.frames_sent, figures.frames_dropped) == (1, 2)
        assert listener.subscription.keyframe_requests == asked + 1
        peer.push(stamped_now(keyframe))
        assert peer.stats().frames_sent == 2
