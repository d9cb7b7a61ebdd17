"""Another format of a V4L2 camera while it is open, and photos of it. The machine is emulated: no rates are judged."""

from __future__ import annotations

from base64 import b64decode
from itertools import groupby
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av import VideoFrame

from sidecar.client import CallError, SidecarClient
from tests.conftest import StartSidecar
from tests.support.peers import Viewer, gather_on_loopback
from tests.support.vivid import PATIENCE, VividCamera
from tests.support.vivid_viewer import VIVID_BARS, bars, picture, watching

SMALL, LARGE = (320, 180), (640, 360)
CAMERA = VividCamera(0)


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


async def test_a_viewer_sees_the_old_and_the_new_size_only_and_photos_have_the_size_in_force(
    start_sidecar: StartSidecar,
) -> None:
    async with start_sidecar("--camera-backend", "pyav") as sidecar:
        await sidecar.notification("ready", timeout=PATIENCE)
        async with watching(sidecar, CAMERA.device_id) as (session, viewer):
            seen = [await picture(viewer)]
            for size in (LARGE, SMALL):
                in_force = await set_format(sidecar, session, size)
                assert (in_force["width"], in_force["height"]) == size
                seen += await pictures_until(viewer, size)
                assert await photo_bars(sidecar, session, size) == list(VIVID_BARS)
            stats = await sidecar.call("get_stats", timeout=PATIENCE)
    assert [size for size, _ in groupby((frame.width, frame.height) for frame in seen)] == [SMALL, LARGE, SMALL]
    assert bars(seen[-1]) == list(VIVID_BARS)
    assert stats["cameras"][0]["state"] == "streaming"


async def test_a_driver_that_refuses_the_new_format_keeps_the_old_one_with_its_picture(
    start_sidecar: StartSidecar,
) -> None:
    async with start_sidecar("--camera-backend", "opencv") as sidecar:
        await sidecar.notification("ready", timeout=PATIENCE)
        wanted = {"device_id": CAMERA.device_id, "format": {"width": LARGE[0], "height": LARGE[1]}}
        session = await sidecar.call("start_streaming", wanted, timeout=PATIENCE)
        await set_format(sidecar, session, SMALL)
        await CAMERA.control("inject_vidioc_streamon_error")  # the next opening fails, and only that one
        with pytest.raises(CallError) as refused:
            await set_format(sidecar, session, LARGE)
        assert refused.value.data["kind"] == "camera_failed"
        assert await photo_bars(sidecar, session, SMALL) == list(VIVID_BARS)
        (camera,) = (await sidecar.call("get_stats", timeout=PATIENCE))["cameras"]
    assert (camera["state"], camera["format"]["width"], camera["format"]["height"]) == ("streaming", *SMALL)


async def set_format(sidecar: SidecarClient, session: dict[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    wanted = {"session_id": session["session_id"], "format": {"width": size[0], "height": size[1]}}
    changed = await sidecar.call("set_format", wanted, timeout=PATIENCE)
    in_force: dict[str, Any] = changed["format"]
    return in_force


async def pictures_until(viewer: Viewer, size: tuple[int, int]) -> list[VideoFrame]:
    """The pictures up to the first one of this size."""
    seen = [await picture(viewer)]
    while (seen[-1].width, seen[-1].height) != size:
        seen.append(await picture(viewer))
    return seen


async def photo_bars(sidecar: SidecarClient, session: dict[str, Any], size: tuple[int, int]) -> list[str]:
    """Take a photo, and return the colours of its bars."""
    params = {"session_id": session["session_id"], "mime_type": "image/png"}
    taken = await sidecar.call("take_photo", params, timeout=PATIENCE)
    decoded = cv2.imdecode(np.frombuffer(b64decode(taken["data"]), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert (decoded.shape[1], decoded.shape[0]) == (taken["width"], taken["height"]) == size
    return bars(av.VideoFrame.from_ndarray(np.asarray(decoded, np.uint8), format="bgr24"))
