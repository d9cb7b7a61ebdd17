from __future__ import annotations

import asyncio
import threading

import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.frame import Frame
from sidecar.contract.errors import (
    CameraFailedError,
    CameraNotFoundError,
    ContractError,
    LimitExceededError,
    SessionNotFoundError,
    ShuttingDownError,
)
from sidecar.contract.types import EncodingOptions
from sidecar.encoding.access_unit import AccessUnit
from sidecar.sessions import cameras as cameras_module
from sidecar.sessions.cameras import Cameras, Session
from tests.support.notifications import LIMIT, Notifications

SMALL = RequestedFormat(width=320, height=180, fps=30)


async def open_pattern(cameras: Cameras) -> Session:
    return await cameras.open("test:pattern", SMALL, EncodingOptions())


class Screen:
    """A viewer that waits for what it wants to see."""

    def __init__(self) -> None:
        self.target_bitrate: int | None = None
        self.units: list[AccessUnit] = []
        self._came = asyncio.Event()

    def push(self, access_unit: AccessUnit) -> None:
        self.units.append(access_unit)
        self._came.set()

    async def next(self) -> AccessUnit:
        count = len(self.units)
        async with asyncio.timeout(LIMIT):
            while len(self.units) == count:
                self._came.clear()
                await self._came.wait()
        return self.units[count]


class FaultyCamera:
    """The test pattern's camera, until a fault is switched on."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.broken = False
        self.closed = threading.Event()

    @property
    def format(self) -> Format:
        return self._camera.format

    def read(self) -> Frame:
        if self.broken:
            raise CameraFailedError("the camera was unplugged")
        return self._camera.read()

    def close(self) -> None:
        self._camera.close()
        self.closed.set()


class FaultyCatalogue(Catalogue):
    """The real one; its drivers hang or break when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.go_on.set()
        self.came_back = threading.Event()
        self.opened: list[FaultyCamera] = []

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        self.go_on.wait(LIMIT)
        self.opened.append(FaultyCamera(super().open(device, requested)))
        self.came_back.set()
        return self.opened[-1]


async def test_a_camera_is_opened_once_for_two_sessions(cameras: Cameras) -> None:
    first, second = await open_pattern(cameras), await open_pattern(cameras)
    assert first.session_id != second.session_id
    assert first.camera is second.camera
    assert len(cameras.stats()) == 1


async def test_sessions_that_start_together_open_the_camera_once(cameras: Cameras) -> None:
    sessions = await asyncio.gather(*(open_pattern(cameras) for _ in range(5)))
    assert len({id(session.camera) for session in sessions}) == 1


async def test_a_camera_is_released_with_its_last_session(cameras: Cameras) -> None:
    first, second = await open_pattern(cameras), await open_pattern(cameras)
    assert not (await cameras.close(first.session_id)).camera_released
    assert cameras.in_use("test:pattern")
    assert (await cameras.close(second.session_id)).camera_released
    assert not cameras.in_use("test:pattern")


async def test_stopping_twice_is_no_error(cameras: Cameras) -> None:
    session = await open_pattern(cameras)
    assert not (await cameras.close(session.session_id)).already_stopped
    again = await cameras.close(session.session_id)
    assert again.already_stopped
    assert again.camera_released


async def test_an_unknown_session_is_an_error(cameras: Cameras) -> None:
    with pytest.raises(SessionNotFoundError):
        await cameras.close("nobody")


async def test_an_unknown_camera_is_an_error_and_changes_nothing(cameras: Cameras) -> None:
    with pytest.raises(CameraNotFoundError):
        await cameras.open("usb:nobody", SMALL, EncodingOptions())
    assert cameras.stats() == []


async def test_states_are_told_for_each_session(cameras: Cameras, notifications: Notifications) -> None:
    first = await open_pattern(cameras)
    await notifications.wait_for("camera_state", lambda state: state["state"] == "streaming")
    second = await open_pattern(cameras)
    await cameras.close(first.session_id)
    told = [(state["session_id"], state["state"]) for state in notifications.of("camera_state")]
    assert told == [
        (first.session_id, "opening"),
        (first.session_id, "streaming"),
        (second.session_id, "streaming"),
        (first.session_id, "stopped"),
    ]


async def test_nothing_is_encoded_before_somebody_looks(cameras: Cameras, notifications: Notifications) -> None:
    session = await open_pattern(cameras)
    await notifications.wait_for("camera_state", lambda state: state["state"] == "streaming")
    assert session.camera.stats().frames_encoded == 0
    screen = Screen()
    session.camera.encodings.add_viewer(screen)
    assert (await screen.next()).keyframe


async def test_a_late_viewer_gets_a_keyframe(cameras: Cameras) -> None:
    session = await open_pattern(cameras)
    early, late = Screen(), Screen()
    session.camera.encodings.add_viewer(early)
    await early.next()
    session.camera.encodings.add_viewer(late)
    async with asyncio.timeout(LIMIT):
        while not (await late.next()).keyframe:
            pass
    assert [unit.rtp_timestamp for unit in late.units] == [
        unit.rtp_timestamp for unit in early.units[-len(late.units) :]
    ]


async def test_one_viewer_that_goes_leaves_the_others_their_picture(cameras: Cameras) -> None:
    session = await open_pattern(cameras)
    stays, goes = Screen(), Screen()
    session.camera.encodings.add_viewer(stays)
    session.camera.encodings.add_viewer(goes)
    await goes.next()
    session.camera.encodings.remove_viewer(goes)
    count = len(goes.units)
    for _ in range(3):
        await stays.next()
    assert len(goes.units) == count


async def test_a_lost_camera_ends_its_sessions_and_is_released(notifications: Notifications) -> None:
    catalogue = FaultyCatalogue()
    cameras = Cameras(catalogue, notifications)
    ended: list[ContractError | None] = []
    session = await cameras.open("test:pattern", SMALL, EncodingOptions(), on_ended=ended.append)
    catalogue.opened[0].broken = True
    lost = await notifications.wait_for("camera_state", lambda state: state["state"] == "lost")
    assert lost["reason"] == "the camera was unplugged"
    assert lost["hint"]
    await notifications.wait_for("camera_state", lambda state: state["state"] == "stopped")
    assert catalogue.opened[0].closed.is_set()
    assert not cameras.in_use("test:pattern")
    assert [type(error) for error in ended] == [CameraFailedError]
    assert (await cameras.close(session.session_id)).already_stopped
    await cameras.aclose()


async def test_a_camera_that_was_lost_can_be_opened_again(notifications: Notifications) -> None:
    catalogue = FaultyCatalogue()
    cameras = Cameras(catalogue, notifications)
    await open_pattern(cameras)
    catalogue.opened[0].broken = True
    await notifications.wait_for("camera_state", lambda state: state["state"] == "lost")
    again = await open_pattern(cameras)
    screen = Screen()
    again.camera.encodings.add_viewer(screen)
    assert (await screen.next()).keyframe
    await cameras.aclose()


async def test_a_driver_that_hangs_is_an_error_and_its_camera_is_closed_when_it_comes_back(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras_module, "OPEN_TIMEOUT", 0.05)
    catalogue = FaultyCatalogue()
    cameras = Cameras(catalogue, notifications)
    catalogue.go_on.clear()
    with pytest.raises(CameraFailedError, match="did not open"):
        await open_pattern(cameras)
    with pytest.raises(CameraFailedError, match="does not answer"):
        await open_pattern(cameras)
    catalogue.go_on.set()
    assert await asyncio.to_thread(catalogue.came_back.wait, LIMIT)
    assert await asyncio.to_thread(catalogue.opened[0].closed.wait, LIMIT)
    assert not cameras.in_use("test:pattern")


async def test_more_sessions_than_the_limit_are_refused(cameras: Cameras, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras_module, "MAX_SESSIONS", 2)
    await open_pattern(cameras)
    await open_pattern(cameras)
    with pytest.raises(LimitExceededError) as refused:
        await open_pattern(cameras)
    assert refused.value.details == {"limit": "sessions", "maximum": 2}


async def test_nothing_is_opened_after_the_end(cameras: Cameras) -> None:
    session = await open_pattern(cameras)
    await cameras.aclose()
    assert not cameras.in_use("test:pattern")
    with pytest.raises(ShuttingDownError):
        await open_pattern(cameras)
    assert (await cameras.close(session.session_id)).already_stopped
