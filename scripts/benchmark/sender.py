"""The two senders behind one interface: the sidecar, and plain aiortc in a process with the same methods."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from environment import ROOT

from sidecar.client import SidecarClient

BITRATE = 2_500_000
DEVICE = "test:pattern"
FORMAT = {"width": 1280, "height": 720, "fps": 30}
CALL_LIMIT = 20.0  # seconds; plain aiortc needs five for an offer with a silent STUN server

Subject = Literal["sidecar", "plain aiortc", "bare loop"]
Where = Callable[[Sequence[str]], list[str]]
SENDERS: tuple[Subject, ...] = ("sidecar", "plain aiortc")
COMMANDS: dict[Subject, list[str]] = {
    "sidecar": [sys.executable, "-m", "sidecar", "--log-level", "warning"],
    "plain aiortc": [sys.executable, "-m", "benchmark.plain_aiortc"],
}


@dataclass(frozen=True)
class Offer:
    """An offer with its duration in milliseconds; `asked_at` is seconds since the epoch."""

    connection_id: str
    sdp: str
    milliseconds: float
    asked_at: float


def picture_params(bitrate: int | None = BITRATE, picture: Mapping[str, int] = FORMAT) -> dict[str, Any]:
    """Return the parameters of a measured session; `bitrate` in bits per second, None leaves it to the sender."""
    encoding = {"bitrate": bitrate} if bitrate is not None else {}
    return {"device_id": DEVICE, "format": dict(picture), "encoding": encoding}


class Sender:
    """A running sender of pictures in one format."""

    def __init__(self, client: SidecarClient, picture: Mapping[str, int] = FORMAT) -> None:
        self._client = client
        self._picture = picture

    @property
    def pid(self) -> int:
        """The process id."""
        return self._client.process.pid

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method of the contract; plain aiortc has only the methods of a WebRTC session."""
        return await self._client.call(method, params, timeout=CALL_LIMIT)

    async def offer(self, stun_servers: Sequence[str] = (), bitrate: int | None = BITRATE) -> Offer:
        """Start a session with the test picture; without a `bitrate` the sender adapts it to the link."""
        params = picture_params(bitrate, self._picture) | {"ice_servers": [{"urls": [url]} for url in stun_servers]}
        asked_at, started = time.time(), time.perf_counter()
        result = await self._client.call("start_camera_webrtc_session", params, timeout=CALL_LIMIT)
        milliseconds = 1000 * (time.perf_counter() - started)
        return Offer(result["connection_id"], result["sdp"], milliseconds, asked_at)

    async def take_answer(self, offer: Offer, sdp: str) -> None:
        """Give the sender the receiver's answer."""
        description = {"type": "answer", "sdp": sdp}
        params = {"connection_id": offer.connection_id, "description": description}
        await self._client.call("set_remote_description", params)

    async def add_candidate(self, offer: Offer, candidate: dict[str, Any] | None) -> None:
        """Give the sender a candidate of the receiver."""
        params = {"connection_id": offer.connection_id, "candidate": candidate}
        await self._client.call("add_ice_candidate", params)

    async def close(self, offer: Offer) -> None:
        """End the session."""
        await self._client.call("close_connection", {"connection_id": offer.connection_id}, timeout=CALL_LIMIT)

    async def stats(self) -> dict[str, Any]:
        """The result of get_stats (the sidecar only)."""
        found: dict[str, Any] = await self._client.call("get_stats")
        return found

    @asynccontextmanager
    async def warm_camera(self) -> AsyncIterator[None]:
        """Keep the camera open, as another window with the same camera does (the sidecar only)."""
        held = await self._client.call("start_streaming", {"device_id": DEVICE, "format": dict(self._picture)})
        try:
            await self._client.notification("camera_state", lambda event: event["state"] == "streaming")
            yield
        finally:
            await self._client.call("stop_streaming", {"session_id": held["session_id"]})


@asynccontextmanager
async def running(subject: Subject, where: Where = list, picture: Mapping[str, int] = FORMAT) -> AsyncIterator[Sender]:
    """A sender's process, ended with the block; `where` wraps the command, to run it in a network namespace."""
    async with SidecarClient.start(where(COMMANDS[subject]), cwd=str(ROOT)) as client:
        await client.notification("ready", timeout=CALL_LIMIT)
        yield Sender(client, picture)
