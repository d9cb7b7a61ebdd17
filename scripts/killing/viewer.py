"""Looks at the sidecar's picture with an unmodified aiortc peer connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from sidecar.client import SidecarClient

FORMAT = {"width": 320, "height": 180, "fps": 30}
CALL_SECONDS = 90.0  # the first call that needs the big libraries waits for them
PICTURE_SECONDS = 60.0


@asynccontextmanager
async def watching(client: SidecarClient, device_id: str) -> AsyncIterator[None]:
    """A connection whose first picture has come."""
    # Stock aiortc never gathers 127.0.0.1; with it no network is needed.
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
    viewer.on("track", tracks.put_nowait)
    try:
        params = {"device_id": device_id, "format": FORMAT}
        offer = await client.call("start_camera_webrtc_session", params, timeout=CALL_SECONDS)
        await viewer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["sdp_type"]))
        await viewer.setLocalDescription(await viewer.createAnswer())
        description = {"type": "answer", "sdp": viewer.localDescription.sdp}
        answer = {"connection_id": offer["connection_id"], "description": description}
        await client.call("set_remote_description", answer, timeout=CALL_SECONDS)
        await asyncio.wait_for(tracks.get_nowait().recv(), PICTURE_SECONDS)
        yield
    finally:
        await viewer.close()
