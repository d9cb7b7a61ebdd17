"""A viewer that is no browser and no aiortc: GStreamer's webrtcbin, in a process of Debian's own Python."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sidecar.client import SidecarClient
from tests.support.sidecar_process import ROOT

PYTHON = "/usr/bin/python3"
PROGRAM = ROOT / "tests" / "receivers" / "webrtcbin.py"
SIZE = {"width": 320, "height": 180, "fps": 30}

PATIENCE = 50.0
"""Seconds that a test waits for what must happen; the machines are slow and shared."""

KEPT_MESSAGES = 10_000


class WebrtcBin:
    """The process. `connection_id` is the sidecar's end of its connection."""

    def __init__(self, process: Process, sidecar: SidecarClient) -> None:
        self.connection_id = ""
        self._process = process
        self._sidecar = sidecar
        self._messages: deque[dict[str, Any]] = deque(maxlen=KEPT_MESSAGES)
        self._came = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def show(self, device_id: str) -> None:
        """Answer a session of the sidecar's."""
        params = {"device_id": device_id, "format": SIZE}
        offer = await self._sidecar.call("start_camera_webrtc_session", params, timeout=PATIENCE)
        self.connection_id = offer["connection_id"]
        await self.say(offer=offer["sdp"])
        await self._describe("answer", (await self.until("answer"))["answer"])

    async def offer(self, device_id: str) -> None:
        """Let the sidecar answer."""
        created = await self._sidecar.call("create_peer_connection", timeout=PATIENCE)
        self.connection_id = created["connection_id"]
        params = {"connection_id": self.connection_id, "device_id": device_id}
        await self._sidecar.call("connect_camera_to_webrtc", params, timeout=PATIENCE)
        await self.say(ask="offer")
        await self._describe("offer", (await self.until("offer"))["offer"])
        answer = await self._sidecar.call("create_answer", {"connection_id": self.connection_id})
        await self.say(answer=answer["sdp"])

    async def say(self, **members: Any) -> None:
        """Write a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(members).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, name: str, where: Callable[[Any], bool] = lambda value: True) -> dict[str, Any]:
        """The next message that has this member; those before it are thrown away."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._messages:
                    message = self._messages.popleft()
                    if name in message and where(message[name]):
                        return message
                self._came.clear()
                await self._came.wait()

    async def pictures(self, count: int) -> list[dict[str, Any]]:
        """The next pictures."""
        return [await self.until("picture") for _ in range(count)]

    async def end(self) -> None:
        """Let it end by itself, its pipeline first."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def close(self) -> None:
        """End it in any case, without a word."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _describe(self, kind: str, sdp: str) -> None:
        params = {"connection_id": self.connection_id, "description": {"type": kind, "sdp": sdp}}
        await self._sidecar.call("set_remote_description", params, timeout=PATIENCE)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "candidate" in message:
                candidate = {"candidate": message["candidate"], "sdpMLineIndex": message["index"]}
                params = {"connection_id": self.connection_id, "candidate": candidate}
                await self._sidecar.call("add_ice_candidate", params, timeout=PATIENCE)
            else:
                self._messages.append(message)
                self._came.set()


@asynccontextmanager
async def webrtcbin(sidecar: SidecarClient) -> AsyncIterator[WebrtcBin]:
    """A viewer that is ended with the block."""
    process = await asyncio.create_subprocess_exec(PYTHON, str(PROGRAM), stdin=PIPE, stdout=PIPE)
    viewer = WebrtcBin(process, sidecar)
    try:
        yield viewer
    finally:
        await viewer.close()


def stamp(strip: list[int]) -> int:
    """The milliseconds since the epoch, modulo 2**32, that a picture of the test pattern shows."""
    return sum((luma > 127) << bit for bit, luma in enumerate(strip))
