"""A viewer, an owner and a stream for tests of sidecar.webrtc: stock aiortc as the far peer, and recorders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

import aioice.ice
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import AnyRtcpPacket
from aiortc.sdp import SessionDescription

from sidecar.contract.types import ConnectionState, IceCandidate
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import SdpDescription
from tests.support.access_units import encoded_pictures, stamped_now
from tests.support.loopback import host_addresses

PATIENCE = 10.0
"""Seconds that a test waits for an event that must come; the machines are slow and shared."""


class RecordingSubscription:
    """A Subscription that counts keyframe requests and keeps the reported capacities, in bits per second."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.keyframe_requests = 0
        self.capacities: list[int] = []
        self._on_change = on_change

    def request_keyframe(self) -> None:
        self.keyframe_requests += 1
        self._on_change()

    def report_capacity(self, bps: int) -> None:
        self.capacities.append(bps)
        self._on_change()

    def close(self) -> None:
        raise AssertionError("the owner of the peer closes its subscription")


class RecordingListener:
    """A PeerListener that keeps all it is told, and can wait for it; `subscription` is one for its peer."""

    def __init__(self) -> None:
        self.candidates: list[IceCandidate | None] = []
        self.states: list[tuple[ConnectionState, str | None]] = []
        self._changed = asyncio.Event()
        self.subscription = RecordingSubscription(self.changed)

    def ice_candidate(self, peer: Peer, generation: int, candidate: IceCandidate | None) -> None:
        self.candidates.append(candidate)
        self.changed()

    def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
        self.states.append((state, reason))
        self.changed()

    def changed(self) -> None:
        """Look at the conditions that a test waits for."""
        self._changed.set()

    @property
    def state_names(self) -> list[str]:
        return [state for state, _ in self.states]

    def reason_of(self, state: ConnectionState) -> str | None:
        return next(reason for name, reason in self.states if name == state)

    async def until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until `condition` holds, checked after each call of the listener."""
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_state(self, state: ConnectionState, timeout: float = PATIENCE) -> None:
        await self.until(lambda: state in self.state_names, timeout)


class Viewer:
    """The far peer: an unmodified aiortc peer connection that receives a video."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.track: MediaStreamTrack | None = None
        self.pc.on("track", self._on_track)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self.track = track

    @property
    def receiver(self) -> RTCRtpReceiver:
        receiver: RTCRtpReceiver = self.pc.getTransceivers()[0].receiver
        return receiver

    @property
    def ssrc(self) -> int:
        """The SSRC of the video, as the sender's description says."""
        (media,) = SessionDescription.parse(self.pc.remoteDescription.sdp).media
        return media.ssrc[0].ssrc

    async def send_rtcp(self, packet: AnyRtcpPacket) -> None:
        """Send an RTCP packet."""
        await self.receiver._send_rtcp(packet)

    async def send_picture_loss(self) -> None:
        """Send a picture loss indication."""
        await self.receiver._send_rtcp_pli(self.ssrc)

    async def answer(self, offer: SdpDescription) -> str:
        """Take an offer; the answer's sdp."""
        await self.pc.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    async def offer(self) -> str:
        """Make an offer to receive a video; its sdp."""
        self.pc.addTransceiver("video", direction="recvonly")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def take_answer(self, answer: SdpDescription) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer.sdp, answer.type))

    async def until_connected(self) -> None:
        """Wait until the viewer, too, can send."""
        connected = asyncio.Event()
        self.pc.on("connectionstatechange", connected.set)
        async with asyncio.timeout(PATIENCE):
            while self.pc.connectionState != "connected":
                connected.clear()
                await connected.wait()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """No packet comes here or leaves, as long as the block lasts."""
        protocols = self.receiver.transport.transport._connection._protocols
        with ExitStack() as stack:
            for protocol in protocols:
                for owner, name in ((protocol, "datagram_received"), (protocol.transport, "sendto")):
                    stack.enter_context(patch.object(owner, name, lambda *_: None))
            yield

    async def vanish(self) -> None:
        """Be gone without a word, as a killed process is."""
        connection = self.receiver.transport.transport._connection
        connection._closing = True
        for protocol in connection._protocols:
            protocol.transport.abort()

    async def close(self) -> None:
        await self.pc.close()


async def until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait until `condition` holds, for conditions without an event: it is checked every 10 ms."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.01)


def gather_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stock aiortc gather 127.0.0.1, which it never does by itself; so tests need no network."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", host_addresses)


AnyViewer = TypeVar("AnyViewer", bound=Viewer)


def connected_peers(**options: Any) -> AbstractAsyncContextManager[tuple[Peer, RecordingListener, Viewer]]:
    """A peer of ours that made the offer, connected with a viewer; both are closed in the end."""
    return connected_with(Viewer(), **options)


@asynccontextmanager
async def connected_with(viewer: AnyViewer, **options: Any) -> AsyncIterator[tuple[Peer, RecordingListener, AnyViewer]]:
    """The same with a viewer that was just made."""
    listener = RecordingListener()
    peer = Peer("connection-1", ice_servers=[], listener=listener, **options)
    peer.attach(listener.subscription)
    try:
        answer = await viewer.answer(await peer.create_offer())
        await peer.set_remote_description("answer", answer)
        await listener.until_state("connected")
        await viewer.until_connected()
        yield peer, listener, viewer
    finally:
        await peer.close()
        await viewer.close()


@asynccontextmanager
async def pushing(peer: Peer, listener: RecordingListener) -> AsyncIterator[None]:
    """A camera in the background: 30 pictures a second, a keyframe for each one that is asked for."""
    peer.attach(listener.subscription)
    async with in_background(_push(peer, listener)):
        yield


async def _push(peer: Peer, listener: RecordingListener) -> None:
    units = encoded_pictures(30)
    number = asked = 0
    while True:
        if listener.subscription.keyframe_requests > asked:
            number, asked = 0, listener.subscription.keyframe_requests
        peer.push(stamped_now(units[number]))
        # The pictures are the same noise, so a picture can follow the last one as well as its predecessor.
        number = number + 1 if number + 1 < len(units) else 1
        await asyncio.sleep(1 / 30)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
