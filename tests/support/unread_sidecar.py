"""A sidecar that is read only when a test reads it, and a viewer of its test picture."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.support.sidecar_process import ROOT, sidecar_command

PATIENCE = 20.0
"""Seconds that a test waits for an event that must come; the machines are slow and shared."""

SMALL = {"width": 320, "height": 180}


@dataclass(frozen=True)
class Watched:
    """An established connection: both descriptions, and the viewer's track."""

    connection_id: str
    offer: str
    answer: str
    track: MediaStreamTrack


@asynccontextmanager
async def unread(program: str | None, *arguments: str) -> AsyncIterator[Process]:
    """A sidecar with output that is read only on demand."""
    process = await asyncio.create_subprocess_exec(
        *sidecar_command(program, *arguments), cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=2**20
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def send(process: Process, *requests: tuple[object, str, dict[str, Any]]) -> None:
    assert process.stdin is not None
    for number, method, params in requests:
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        process.stdin.write(json.dumps(message).encode() + b"\n")
    await asyncio.wait_for(process.stdin.drain(), PATIENCE)


async def receive(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    message: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
    return message


async def answer(process: Process, number: object) -> Any:
    while (message := await receive(process)).get("id") != number:
        pass
    return message["result"]


@asynccontextmanager
async def watching(process: Process, **params: Any) -> AsyncIterator[Watched]:
    """A viewer of the test picture: aiortc's."""
    await send(
        process, ("start", "start_camera_webrtc_session", {"device_id": "test:pattern", "format": SMALL, **params})
    )
    session = await answer(process, "start")
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        await viewer.setRemoteDescription(RTCSessionDescription(session["sdp"], "offer"))
        await viewer.setLocalDescription(await viewer.createAnswer())
        description = {"type": "answer", "sdp": viewer.localDescription.sdp}
        answered = {"connection_id": session["connection_id"], "description": description}
        await send(process, ("answer", "set_remote_description", answered))
        await answer(process, "answer")
        sdp = viewer.localDescription.sdp
        yield Watched(session["connection_id"], session["sdp"], sdp, viewer.getReceivers()[0].track)
    finally:
        await viewer.close()


async def frames(watched: Watched, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        for _ in range(count):
            await watched.track.recv()
