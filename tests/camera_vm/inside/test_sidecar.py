"""The whole sidecar on a real V4L2 driver. The machine is emulated and slow: the tests check pictures, not rates."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sidecar.client import CallError, SidecarClient
from tests.conftest import StartSidecar
from tests.support.peers import gather_on_loopback
from tests.support.vivid import VividCamera, disconnected_for_a_while, held
from tests.support.vivid_viewer import VIVID_BARS, bars, picture, watching

PATIENCE = 90.0
"""Seconds: the imports of the sidecar alone take 20 in here."""


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


@asynccontextmanager
async def started(start_sidecar: StartSidecar, *arguments: str) -> AsyncIterator[SidecarClient]:
    async with start_sidecar(*arguments) as sidecar:
        await sidecar.notification("ready", timeout=PATIENCE)
        yield sidecar


def opened(sidecar: SidecarClient, device: str) -> int:
    """How many descriptors of the process are this device."""
    folder = Path(f"/proc/{sidecar.process.pid}/fd")
    return sum(os.path.realpath(link) == device for link in folder.iterdir())


async def cameras(sidecar: SidecarClient) -> list[dict[str, Any]]:
    listed = await sidecar.call("get_available_cameras", timeout=PATIENCE)
    return [camera for camera in listed["cameras"] if camera["kind"] == "camera"]


@pytest.mark.parametrize("backend", ["pyav", "opencv"])
async def test_a_camera_s_picture_arrives_at_a_receiver_and_the_device_is_released(
    start_sidecar: StartSidecar, backend: str
) -> None:
    async with started(start_sidecar, "--camera-backend", backend) as sidecar:
        device_id = (await cameras(sidecar))[0]["device_id"]
        async with watching(sidecar, device_id) as (session, viewer):
            frames = [await picture(viewer) for _ in range(5)]
            assert opened(sidecar, "/dev/video0") == 1
            closed = await sidecar.call(
                "close_connection", {"connection_id": session["connection_id"]}, timeout=PATIENCE
            )
        assert closed["camera_released"]
        assert opened(sidecar, "/dev/video0") == 0
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    assert bars(frames[-1]) == list(VIVID_BARS)
    assert len({frame.pts for frame in frames}) == len(frames)


async def test_two_viewers_of_a_camera_open_it_once_and_one_that_goes_leaves_the_other_its_picture(
    start_sidecar: StartSidecar,
) -> None:
    async with started(start_sidecar) as sidecar:
        device_id = (await cameras(sidecar))[0]["device_id"]
        async with watching(sidecar, device_id) as (first, _), watching(sidecar, "camera-0") as (_, stays):
            assert opened(sidecar, "/dev/video0") == 1
            closed = await sidecar.call("close_connection", {"connection_id": first["connection_id"]}, timeout=PATIENCE)
            assert not closed["camera_released"]
            for _ in range(3):
                await picture(stays)


async def test_a_camera_that_another_program_holds_is_busy_and_the_holder_is_named(
    start_sidecar: StartSidecar,
) -> None:
    async with held("/dev/video1") as holder, started(start_sidecar) as sidecar:
        busy = (await cameras(sidecar))[1]
        assert not busy["is_available"]
        with pytest.raises(CallError) as refused:
            await sidecar.call("start_streaming", {"device_id": busy["device_id"]}, timeout=PATIENCE)
        assert refused.value.data["kind"] == "camera_busy"
        assert refused.value.data["details"]["holder"]["name"] == "v4l2-ctl"
        assert refused.value.data["details"]["holder"]["pid"] == holder.pid
        assert opened(sidecar, "/dev/video1") == 0


async def test_a_camera_that_is_unplugged_is_reported_and_its_picture_comes_back_over_the_same_connection(
    start_sidecar: StartSidecar,
) -> None:
    camera = VividCamera(1)
    async with started(start_sidecar) as sidecar, watching(sidecar, camera.device_id) as (session, viewer):
        assert bars(await picture(viewer)) == list(VIVID_BARS)
        async with disconnected_for_a_while(camera):
            unplugged_at = time.monotonic()
            lost = await sidecar.notification("camera_state", lambda state: state["state"] == "lost", timeout=PATIENCE)
            assert time.monotonic() - unplugged_at < 2, "the contract's bound"
            assert (lost["device_id"], lost["session_id"]) == (camera.device_id, session["session_id"])
            assert lost["hint"]
            while bars(await picture(viewer)) == list(VIVID_BARS):
                pass
        while bars(await picture(viewer)) != list(VIVID_BARS):
            pass
        stats = await sidecar.call("get_stats", timeout=PATIENCE)
        assert [connection["state"] for connection in stats["connections"]] == ["connected"]
