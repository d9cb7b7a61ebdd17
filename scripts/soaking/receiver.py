"""An aiortc peer connection that receives the sidecar's picture."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import aioice.ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from soaking.ice_restart import IceRestarts

PATIENCE = 5.0
"""Seconds until the receiver gives up a missing packet, by time as in browsers. Stock aiortc waits for 512 further
packets, which takes minutes at one frame a second."""


class ImpatientJitterBuffer(JitterBuffer):
    """aiortc's jitter buffer for video that gives up missing packets after PATIENCE and asks for a keyframe."""

    def __init__(self) -> None:
        super().__init__(capacity=512, is_video=True)
        self._gave_at = time.monotonic()

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Add a packet; return whether a keyframe is needed, and a complete frame or None."""
        needs_keyframe, frame = super().add(packet)
        now = time.monotonic()
        if frame is None and now - self._gave_at > PATIENCE:
            self.remove(self.capacity)
            self._origin, needs_keyframe = None, True
        if frame is not None or needs_keyframe:
            self._gave_at = now
        return needs_keyframe, frame


class Receiver:
    """A receiver that counts the decoded pictures."""

    def __init__(self) -> None:
        self.frames = 0
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._restarts = IceRestarts(self._connection)
        self._connection.on("track", self._on_track)
        self._decoded = asyncio.Event()
        self._counting: asyncio.Task[None] | None = None

    async def answer(self, sdp: str) -> str:
        """Answer an offer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return str(self._connection.localDescription.sdp)

    async def answer_restart(self, sdp: str) -> str:
        """Answer a later offer, which restarts ICE."""
        return await self._restarts.answer(sdp)

    async def offer(self) -> str:
        """Make an offer to receive one video."""
        self._connection.addTransceiver("video", direction="recvonly")
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def take_answer(self, sdp: str) -> None:
        """Take the answer to the offer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def pictures(self, count: int) -> None:
        """Wait until so many pictures were decoded."""
        while self.frames < count:
            self._decoded.clear()
            await self._decoded.wait()

    @property
    def sockets(self) -> list[aioice.ice.StunProtocol]:
        """The sockets of the current ICE agent."""
        return list(self._connection.getTransceivers()[0].receiver.transport.transport._connection._protocols)

    async def close(self) -> None:
        """Close the peer connection, its ICE restarts and the counting task."""
        await self._connection.close()
        await self._restarts.close()
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait([self._counting])

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver: Any = self._connection.getTransceivers()[0].receiver
        receiver._RTCRtpReceiver__jitter_buffer = ImpatientJitterBuffer()
        self._counting = asyncio.create_task(self._count(track))

    async def _count(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):  # the track's end
            while True:
                await track.recv()
                self.frames += 1
                self._decoded.set()
