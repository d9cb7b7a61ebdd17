"""A receiver on stock aiortc, driven by lines of JSON (see tests/support/stack_peer.py). It decodes the pictures."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

import aioice.ice
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

LONGEST_LINE = 1 << 20


def say(**members: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(members) + "\n")
    sys.stdout.flush()


class Receiver:
    """One peer connection, and a task for each video track."""

    def __init__(self, media: list[str], codec: str, policy: str) -> None:
        configuration = RTCConfiguration(iceServers=[])
        if policy:
            configuration.bundlePolicy = RTCBundlePolicy(policy)
        self.peer = RTCPeerConnection(configuration)
        self._tasks: list[asyncio.Task[None]] = []
        self.peer.on("connectionstatechange", lambda: say(state=self.peer.connectionState))
        self.peer.on("track", self._on_track)
        for kind in media:
            if kind == "data":
                self.peer.createDataChannel("data")
            else:
                transceiver = self.peer.addTransceiver(kind, direction="recvonly")
                if kind == "video":
                    capabilities = RTCRtpReceiver.getCapabilities("video")
                    assert capabilities is not None
                    wanted = [each for each in capabilities.codecs if each.mimeType == f"video/{codec}"]
                    transceiver.setCodecPreferences(wanted)

    async def follow(self, told: dict[str, Any]) -> None:
        """Carry out one line of the input."""
        if "candidate" in told:
            candidate = candidate_from_sdp(told["candidate"].removeprefix("candidate:"))
            candidate.sdpMid, candidate.sdpMLineIndex = told["mid"], told["index"]
            await self.peer.addIceCandidate(candidate)
        elif told.get("ask") == "offer":
            await self.peer.setLocalDescription(await self.peer.createOffer())
            say(offer=self.peer.localDescription.sdp)
        elif "answer" in told:
            await self.peer.setRemoteDescription(RTCSessionDescription(told["answer"], "answer"))
        else:
            await self.peer.setRemoteDescription(RTCSessionDescription(told["offer"], "offer"))
            await self.peer.setLocalDescription(await self.peer.createAnswer())
            say(answer=self.peer.localDescription.sdp)

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._tasks.append(asyncio.create_task(self._receive(track)))

    async def _receive(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, VideoFrame)
            say(frame=frame.pts, keyframe=frame.key_frame, picture=[frame.width, frame.height])


async def main() -> None:
    """Receive until the end of the input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", default="video")
    parser.add_argument("--codec", default="H264")
    parser.add_argument("--policy", default="")
    chosen = parser.parse_args()
    receiver = Receiver(chosen.media.split(","), chosen.codec, chosen.policy)
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await receiver.follow(json.loads(line))
    await receiver.peer.close()


if __name__ == "__main__":
    # Stock aiortc never gathers 127.0.0.1; with it the test needs no network.
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    asyncio.run(main())
