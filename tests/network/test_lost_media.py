"""Files and network cameras that go away and return: the same session goes on."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.policy import CameraPolicy, RetryPolicy, RtspPolicy, StallPolicy
from sidecar.contract.types import EncodingOptions
from sidecar.streams.sessions import Session, Sessions
from tests.support.notifications import LIMIT, Notifications
from tests.support.rtsp_server import RtspServer
from tests.support.videos import write_video

PICTURES = 30
"""A second of them: libav looks at half a second before it says that the camera is open."""


EAGER = CameraPolicy(retries=RetryPolicy(first_delay=0.01, longest_delay=0.05))


@pytest.fixture
def policy() -> CameraPolicy:
    return EAGER


@pytest.fixture
def rtsp() -> RtspPolicy:
    return RtspPolicy()


@pytest.fixture
async def sessions(
    notifications: Notifications, tmp_path: Path, policy: CameraPolicy, rtsp: RtspPolicy
) -> AsyncIterator[Sessions]:
    drivers = Drivers(Catalogue([f"file:{tmp_path}/*", "rtsp://127.0.0.1:*"], rtsp=rtsp), policy)
    sessions = Sessions(drivers, notifications)
    yield sessions
    await sessions.aclose()


async def start(sessions: Sessions, device_id: str) -> Session:
    return await sessions.open(device_id, RequestedFormat(), EncodingOptions())


async def until(notifications: Notifications, state: str, count: int = 1) -> str | None:
    """Wait until this state was told so often; the reason."""
    told = await notifications.wait_for_count("camera_state", count, lambda event: event["state"] == state)
    reason: str | None = told[count - 1]["reason"]
    return reason


async def test_a_file_that_vanishes_and_returns(
    sessions: Sessions, notifications: Notifications, tmp_path: Path
) -> None:
    path = write_video(tmp_path / "video.mp4", count=3, fps=60)
    session = await start(sessions, f"file:{path}")
    await until(notifications, "streaming")
    path.unlink()
    assert await until(notifications, "lost") == "video.mp4 does not exist."
    await until(notifications, "recovering")
    write_video(path, count=3, fps=60)
    await until(notifications, "streaming", 2)
    assert sessions.get(session.session_id) is session


async def test_a_file_that_is_replaced_by_no_video_and_then_by_one(
    sessions: Sessions, notifications: Notifications, tmp_path: Path
) -> None:
    path = write_video(tmp_path / "video.mp4", count=3, fps=60)
    await start(sessions, f"file:{path}")
    await until(notifications, "streaming")
    other = tmp_path / "other"
    other.write_bytes(b"no video")
    other.replace(path)
    assert await until(notifications, "lost") == "video.mp4 is not a video that can be played."
    write_video(tmp_path / "other.mp4", size=(128, 96), count=3, fps=60).replace(path)
    await until(notifications, "streaming", 2)
    (stats,) = sessions.streams.stats()
    assert (stats.width, stats.height) == (128, 96)


@pytest.mark.parametrize("policy", [EAGER._replace(stop_timeout=0.2, stalls=StallPolicy(limit=0.3, step=0.1))])
async def test_a_read_that_hangs_in_the_system_is_left_behind_and_not_waited_for(
    sessions: Sessions, notifications: Notifications, tmp_path: Path
) -> None:
    if sys.platform == "win32":
        pytest.skip("a pipe in the file system is POSIX's")
    pipe = tmp_path / "video.y4m"
    os.mkfifo(pipe)
    let_go = threading.Event()
    writer = threading.Thread(target=write_and_hold, args=(pipe, let_go))
    writer.start()
    try:
        await start(sessions, f"file:{pipe}")
        await until(notifications, "streaming")
        assert "delivered no picture" in (await until(notifications, "lost") or "")
        write_video(tmp_path / "other.mp4", count=3, fps=60).replace(pipe)
        await until(notifications, "streaming", 2)
        assert hanging(), "the first read is still in the system's hands"
    finally:
        let_go.set()
        await asyncio.to_thread(writer.join, LIMIT)


def write_and_hold(pipe: Path, let_go: threading.Event) -> None:
    """Write twenty pictures in YUV4MPEG2, then hold the pipe open until `let_go`."""
    with pipe.open("wb") as file:
        file.write(b"YUV4MPEG2 W64 H48 F60:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + bytes(64 * 48 * 3 // 2)) * 20)
        file.flush()
        let_go.wait(3 * LIMIT)


def hanging() -> bool:
    """Whether a second capture thread is there beside that of the camera which came back."""
    return sum(thread.name == "camera-capture" for thread in threading.enumerate()) > 1


async def test_a_network_camera_that_goes_and_returns(sessions: Sessions, notifications: Notifications) -> None:
    with RtspServer(PICTURES, hangs_up=True) as server:
        session = await start(sessions, server.url)
        await until(notifications, "streaming")
        assert "stopped sending" in (await until(notifications, "lost") or "")
    await until(notifications, "recovering")
    captured = session.stream.stats().frames_captured
    streamed = len([event for event in notifications.of("camera_state") if event["state"] == "streaming"])
    with RtspServer(PICTURES, port=server.port):
        await until(notifications, "streaming", streamed + 1)
        assert session.stream.stats().frames_captured > captured
        await sessions.close(session.session_id)


@pytest.mark.parametrize("rtsp", [RtspPolicy(read_timeout=0.5)])
async def test_a_network_camera_that_falls_silent_is_opened_again(
    sessions: Sessions, notifications: Notifications
) -> None:
    with RtspServer(PICTURES) as server:
        session = await start(sessions, server.url)
        await until(notifications, "streaming", 2)
        assert server.requests.count("PLAY") >= 2
        await sessions.close(session.session_id)
