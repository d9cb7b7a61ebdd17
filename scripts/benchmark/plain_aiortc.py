"""A sender in the manner of aiortc's examples: a track that gives frames; aiortc does the rest.

The sender has the sidecar's methods for a session over the same JSON-RPC on stdio, so that one client drives both.
Codec and bitrate are fixed, so that both encode the same.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.codecs import h264
from aiortc.sdp import candidate_from_sdp

from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.pattern.test_pattern import TestPattern

PROFILE = "42e01f"
TIME_BASE = Fraction(1, 90_000)


class PatternTrack(VideoStreamTrack):
    """The sidecar's test pattern, frame by frame."""

    def __init__(self, requested: RequestedFormat) -> None:
        super().__init__()
        self._camera = TestPattern(requested)
        self._reader = ThreadPoolExecutor(1, "camera")

    async def recv(self) -> av.VideoFrame:
        """The next picture, at the camera's rate."""
        frame = await asyncio.get_running_loop().run_in_executor(self._reader, self._camera.read)
        rows = np.concatenate([plane.ravel() for plane in frame.planes]).reshape(-1, frame.width)
        picture = av.VideoFrame.from_ndarray(rows, format=frame.pixel_format)
        picture.pts, picture.time_base = round(frame.captured_at / TIME_BASE), TIME_BASE
        return picture

    def stop(self) -> None:
        """Release the camera."""
        super().stop()
        self._camera.close()
        self._reader.shutdown(wait=False)


class PlainSender:
    """One connection at a time; the methods have the names of the contract."""

    def __init__(self) -> None:
        self._peer = RTCPeerConnection()
        self._track: PatternTrack | None = None

    async def start_camera_webrtc_session(
        self,
        ice_servers: list[dict[str, Any]],
        format: dict[str, Any],  # noqa: A002 - the contract's name
        encoding: dict[str, Any],
        **_: Any,
    ) -> dict[str, Any]:
        """Make an offer with the test pattern; aiortc waits for the answers of STUN and TURN servers first."""
        if "bitrate" in encoding:  # otherwise aiortc follows the receiver's estimate within its limits
            h264.DEFAULT_BITRATE = h264.MIN_BITRATE = h264.MAX_BITRATE = encoding["bitrate"]
        servers = [RTCIceServer(urls=server["urls"]) for server in ice_servers]
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._track = PatternTrack(RequestedFormat(**format))
        transceiver = self._peer.addTransceiver(self._track, direction="sendonly")
        known = RTCRtpSender.getCapabilities("video").codecs
        chosen = [codec for codec in known if codec.parameters.get("profile-level-id") == PROFILE]
        transceiver.setCodecPreferences(chosen + [codec for codec in known if codec.mimeType == "video/rtx"])
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return {"connection_id": "plain", "sdp": self._peer.localDescription.sdp}

    async def set_remote_description(self, description: dict[str, str], **_: Any) -> dict[str, Any]:
        """Take the receiver's answer."""
        await self._peer.setRemoteDescription(RTCSessionDescription(**description))
        return {}

    async def add_ice_candidate(self, candidate: dict[str, Any] | None, **_: Any) -> dict[str, Any]:
        """Take a candidate of the receiver; None and an empty candidate mean the end of candidates."""
        if not candidate or not candidate["candidate"]:
            await self._peer.addIceCandidate(None)
            return {}
        parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
        parsed.sdpMid, parsed.sdpMLineIndex = candidate["sdpMid"], candidate["sdpMLineIndex"]
        await self._peer.addIceCandidate(parsed)
        return {}

    async def close_connection(self, **_: Any) -> dict[str, Any]:
        """End the session."""
        if self._track is not None:
            self._track.stop()
        await self._peer.close()
        return {}

    async def shutdown(self) -> dict[str, Any]:
        """End the open session."""
        return await self.close_connection()


async def main() -> None:
    """Answer requests one after the other until the end of standard input or `shutdown`."""
    sender = PlainSender()
    write({"method": "ready", "params": {}})
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        method = getattr(sender, request["method"])
        write({"id": request["id"], "result": await method(**request.get("params", {}))})
        if request["method"] == "shutdown":
            break


def write(message: dict[str, Any]) -> None:
    """Write one line of JSON-RPC 2.0."""
    print(json.dumps({"jsonrpc": "2.0"} | message), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
