"""A viewer that is another project's WebRTC stack, in a process of its own, driven by lines of JSON.

In: {"offer": sdp}; {"ask": "offer"}, later {"answer": sdp}; {"candidate": text, "mid": mid, "index": number}. The end
of the input ends the program. Its command line has --media (sections to receive, in order, as in "audio,video,data"),
--codec (the only video codec) and --policy (the bundle policy).

Out: {"answer": sdp} or {"offer": sdp}; {"candidate": text, "mid": mid, "index": number}; {"state": connection state};
for each video frame {"frame": its RTP time stamp or number, "keyframe": whether it is one}.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sidecar.client import SidecarClient

SIZE = {"width": 320, "height": 180, "fps": 30}

PATIENCE = 50.0
"""Seconds that a test waits for an event that must come; the machines are slow and shared."""

KEPT_MESSAGES = 10_000
LONGEST_LINE = 1 << 20


class StackPeer:
    """The process. `connection_id` is the sidecar's end of its connection."""

    def __init__(self, process: Process, sidecar: SidecarClient) -> None:
        self.connection_id = ""
        self._process = process
        self._sidecar = sidecar
        self._messages: deque[dict[str, Any]] = deque(maxlen=KEPT_MESSAGES)
        self._came = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def show(self, device_id: str) -> None:
        """Answer an offer of the sidecar's."""
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
        """Return the next message with this member; the messages before are discarded."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._messages:
                    message = self._messages.popleft()
                    if name in message and where(message[name]):
                        return message
                if self._reading.done():
                    raise AssertionError(f"the peer has ended before it said {name!r}")
                self._came.clear()
                await self._came.wait()

    async def end(self) -> None:
        """Close the input and wait until the program has ended by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def close(self) -> None:
        """Kill the program, which closes no connection in order."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _describe(self, kind: str, sdp: str) -> None:
        params = {"connection_id": self.connection_id, "description": {"type": kind, "sdp": sdp}}
        await self._sidecar.call("set_remote_description", params, timeout=PATIENCE)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                message = json.loads(line)
                if "candidate" in message:
                    await self._carry(message)
                else:
                    self._messages.append(message)
                    self._came.set()
        finally:
            self._came.set()

    async def _carry(self, message: dict[str, Any]) -> None:
        candidate = {
            "candidate": message["candidate"],
            "sdpMid": message.get("mid"),
            "sdpMLineIndex": message.get("index"),
        }
        params = {"connection_id": self.connection_id, "candidate": candidate}
        await self._sidecar.call("add_ice_candidate", params, timeout=PATIENCE)


@asynccontextmanager
async def stack_peer(
    command: Sequence[str],
    sidecar: SidecarClient,
    *,
    environment: Mapping[str, str] | None = None,
    kind: type[StackPeer] = StackPeer,
) -> AsyncIterator[Any]:
    """A viewer that is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=environment, limit=LONGEST_LINE
    )
    viewer = kind(process, sidecar)
    try:
        yield viewer
    finally:
        await viewer.close()
