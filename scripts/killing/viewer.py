"""Receives the sidecar's picture with an aiortc peer connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from soaking.receiver import Receiver

from sidecar.client import SidecarClient
from tests.support.loopback import gather_on_loopback

FORMAT = {"width": 320, "height": 180, "fps": 30}
CALL_SECONDS = 90.0  # the first call waits for the import of the large libraries
PICTURE_SECONDS = 60.0


@asynccontextmanager
async def watching(client: SidecarClient, device_id: str) -> AsyncIterator[None]:
    """A connection that has received its first picture, closed with the block."""
    gather_on_loopback()
    receiver = Receiver()
    try:
        params = {"device_id": device_id, "format": FORMAT}
        offer = await client.call("start_camera_webrtc_session", params, timeout=CALL_SECONDS)
        description = {"type": "answer", "sdp": await receiver.answer(offer["sdp"])}
        answer = {"connection_id": offer["connection_id"], "description": description}
        await client.call("set_remote_description", answer, timeout=CALL_SECONDS)
        await asyncio.wait_for(receiver.pictures(1), PICTURE_SECONDS)
        yield
    finally:
        await receiver.close()
