"""A viewer of a camera of the kernel's test driver vivid, which shows colour bars."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from av import VideoFrame

from sidecar.client import SidecarClient
from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import Viewer
from tests.support.vivid import PATIENCE

VIVID_BARS = ("white", "yellow", "cyan", "green", "magenta", "red", "blue", "black")
SIZE = {"width": 320, "height": 180}


@asynccontextmanager
async def watching(sidecar: SidecarClient, device_id: str) -> AsyncIterator[tuple[dict[str, Any], Viewer]]:
    """A session that an aiortc receiver looks at."""
    session = await sidecar.call(
        "start_camera_webrtc_session", {"device_id": device_id, "format": SIZE}, timeout=PATIENCE
    )
    viewer = Viewer()
    try:
        answer = await viewer.answer(SdpDescription("offer", session["sdp"]))
        description = {"type": "answer", "sdp": answer}
        await sidecar.call(
            "set_remote_description", {"connection_id": session["connection_id"], "description": description}
        )
        await viewer.until_connected()
        yield session, viewer
    finally:
        await viewer.close()


async def picture(viewer: Viewer) -> VideoFrame:
    """The next picture, decoded."""
    assert viewer.track is not None
    frame = await asyncio.wait_for(viewer.track.recv(), PATIENCE)
    assert isinstance(frame, VideoFrame)
    return frame


def bars(frame: VideoFrame) -> list[str]:
    """The names of the colours in a row near the bottom, where vivid writes no text, from left to right."""
    row = frame.to_ndarray(format="rgb24")[frame.height * 7 // 8].astype(int)
    centres = [row[round((bar + 0.5) * frame.width / len(VIVID_BARS))] for bar in range(len(VIVID_BARS))]
    names = {
        (1, 1, 1): "white",
        (1, 1, 0): "yellow",
        (0, 1, 1): "cyan",
        (0, 1, 0): "green",
        (1, 0, 1): "magenta",
        (1, 0, 0): "red",
        (0, 0, 1): "blue",
        (0, 0, 0): "black",
    }
    return [names[int(red > 96), int(green > 96), int(blue > 96)] for red, green, blue in centres]
