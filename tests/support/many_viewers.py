"""Many viewers of one sidecar process: aiortc peers that count packets and do not decode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiortc.rtp import RtpPacket

from sidecar.client import SidecarClient
from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import Viewer

PATIENCE = 30.0
"""Seconds that a test waits for an event that must come; many viewers make a slow machine slower."""


class CountingViewer(Viewer):
    """Counts the frames that arrive whole, by their marker bits."""

    def __init__(self, connection_id: str) -> None:
        super().__init__()
        self.connection_id = connection_id
        self.frames = 0
        self._more = asyncio.Event()

    async def answer(self, offer: SdpDescription) -> str:
        """Take an offer; the answer's sdp."""
        answer = await super().answer(offer)
        self.receiver._handle_rtp_packet = self._count  # type: ignore[method-assign]
        return answer

    async def _count(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.frames += packet.marker
        self._more.set()

    async def more_frames(self, count: int) -> None:
        """Wait until this many more frames have come."""
        wanted = self.frames + count
        async with asyncio.timeout(PATIENCE):
            while self.frames < wanted:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def watching(client: SidecarClient, devices: Sequence[str], **params: Any) -> AsyncIterator[list[CountingViewer]]:
    """A connected viewer for each of `devices`, which may name one several times; all are closed with the block."""
    viewers: list[CountingViewer] = []
    try:
        for device_id in devices:
            await _watch(client, device_id, params, viewers)
        yield viewers
    finally:
        for viewer in viewers:
            await client.call("close_connection", {"connection_id": viewer.connection_id}, timeout=PATIENCE)
            await viewer.close()


async def _watch(client: SidecarClient, device_id: str, params: dict[str, Any], viewers: list[CountingViewer]) -> None:
    offer = await client.call("start_camera_webrtc_session", {"device_id": device_id, **params}, timeout=PATIENCE)
    viewer = CountingViewer(offer["connection_id"])
    viewers.append(viewer)
    sdp = await viewer.answer(SdpDescription("offer", offer["sdp"]))
    description = {"type": "answer", "sdp": sdp}
    await client.call("set_remote_description", {"connection_id": viewer.connection_id, "description": description})
