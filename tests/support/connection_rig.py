"""A connection that shows the test pattern to a viewer in the same process, driven by a test."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sidecar.cameras.device import RequestedFormat
from sidecar.connections.connections import Connections
from sidecar.connections.webrtc import WebRtcConnection
from sidecar.contract.types import EncodingOptions, IceServer
from sidecar.webrtc.sdp import SdpDescription
from tests.support.notifications import Notifications
from tests.support.peers import PATIENCE, Viewer
from tests.support.restarting_viewer import RestartingViewer

SMALL = RequestedFormat(width=320, height=180, fps=30)

Offer = dict[str, Any]
"""The parameters of renegotiation_offer."""


class Rig:
    """A WebRTC connection and its viewer; `substitutes` are the viewers of fresh peers."""

    def __init__(
        self, connections: Connections, notifications: Notifications, ice_servers: Sequence[IceServer] = ()
    ) -> None:
        self.connection: WebRtcConnection = connections.create(ice_servers)
        self.viewer = RestartingViewer(patience=32)
        self.notifications = notifications
        self.substitutes: list[Viewer] = []
        self._connections = connections

    async def show(self) -> None:
        """Open the camera and show it."""
        await self._connections.show(self.connection, "test:pattern", SMALL, EncodingOptions())

    async def connect(self) -> None:
        """Open the camera, and connect the viewer until it decodes pictures."""
        await self.show()
        offer, generation = await self.connection.create_offer()
        assert generation == 0
        await self.connection.set_remote_description("answer", await self.viewer.answer(offer))
        await self.until_state("connected")
        await self.pictures(self.viewer)

    @property
    def states(self) -> list[str]:
        return [event["state"] for event in self.notifications.of("connection_state")]

    @property
    def reasons(self) -> dict[str, str]:
        return {event["state"]: event["reason"] for event in self.notifications.of("connection_state")}

    @property
    def offers(self) -> list[Offer]:
        return self.notifications.of("renegotiation_offer")

    async def until_state(self, state: str, count: int = 1) -> None:
        await self.notifications.wait_for("connection_state", lambda _: self.states.count(state) >= count)

    async def offered(self, number: int, replaces_peer: bool) -> Offer:
        """Return renegotiation_offer `number`, counted from 0, when it has been sent."""
        await self.notifications.wait_for("renegotiation_offer", lambda _: len(self.offers) > number)
        offer = self.offers[number]
        assert offer["replaces_peer"] is replaces_peer
        return offer

    async def answer_restart(self, offer: Offer) -> None:
        answer = await self.viewer.answer_restart(SdpDescription("offer", offer["sdp"]))
        await self.connection.set_remote_description("answer", answer, offer["generation"])

    async def answer_anew(self, offer: Offer) -> Viewer:
        viewer = Viewer()
        self.substitutes.append(viewer)
        answer = await viewer.answer(SdpDescription("offer", offer["sdp"]))
        await self.connection.set_remote_description("answer", answer, offer["generation"])
        return viewer

    async def answer_without_a_path(self, offer: Offer) -> None:
        """Answer for a viewer without a reachable address."""
        if offer["replaces_peer"]:
            await (await self.answer_anew(offer)).close()
            return
        answer = await self.viewer.answer_restart(SdpDescription("offer", offer["sdp"]))
        lines = [line for line in answer.splitlines() if not line.startswith("a=candidate")]
        unreachable = ("\r\n".join(lines) + "\r\n").replace("a=ice-pwd:", "a=ice-pwd:other")
        await self.connection.set_remote_description("answer", unreachable, offer["generation"])

    async def pictures(self, viewer: Viewer, count: int = 3) -> None:
        assert viewer.track is not None
        for _ in range(count):
            await asyncio.wait_for(viewer.track.recv(), PATIENCE)

    async def close_connection(self) -> None:
        """Close the connection by request."""
        await self._connections.close(self.connection.connection_id)

    async def close(self) -> None:
        """Close the viewers."""
        for viewer in (self.viewer, *self.substitutes):
            await viewer.close()
