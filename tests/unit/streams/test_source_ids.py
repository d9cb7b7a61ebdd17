"""Files and network cameras in use: each is opened once, under an id without secrets."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import ContractError, LimitExceededError, SourceNotAllowedError
from sidecar.contract.types import EncodingOptions
from sidecar.streams.sessions import Session, Sessions
from tests.support.notifications import Notifications
from tests.support.videos import write_video

SMALL = RequestedFormat(64, 36, 30)
PATTERNS = ("rtsp://*", "rtsp://bob:listed-password@named/x")


class Opened(Catalogue):
    """The real catalogue, with the test pattern in the place of network cameras. `opened` has the devices in order."""

    def __init__(self, patterns: Sequence[str]) -> None:
        super().__init__(patterns)
        self.opened: list[Device] = []

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        self.opened.append(device)
        return super().open(self.resolve("test:pattern") if device.kind == "rtsp" else device, requested)


@pytest.fixture
async def catalogue(tmp_path: Path) -> Opened:
    return Opened([*PATTERNS, f"file:{tmp_path}/*"])


@pytest.fixture
async def in_use(catalogue: Opened, notifications: Notifications) -> AsyncIterator[Sessions]:
    sessions = Sessions(Drivers(catalogue), notifications)
    yield sessions
    await sessions.aclose()


async def start(sessions: Sessions, device_id: str) -> Session:
    return await sessions.open(device_id, SMALL, EncodingOptions())


async def test_one_file_under_several_spellings_is_one_camera(
    in_use: Sessions, catalogue: Opened, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "video.mp4")
    (tmp_path / "hard.mp4").hardlink_to(video)
    spellings = [f"file:{video}", f"file:{tmp_path}/./video.mp4", f"file://{tmp_path}/x/../video.mp4"]
    sessions = [await start(in_use, text) for text in [*spellings, f"FILE:{tmp_path}//hard.mp4"]]
    assert {session.stream.device.device_id for session in sessions} == {spellings[0]}
    assert len(catalogue.opened) == len(in_use.streams.stats()) == 1


async def test_one_network_camera_under_several_spellings_is_one_camera(in_use: Sessions, catalogue: Opened) -> None:
    spellings = ["rtsp://u:p%77@cam/A?x=1", "RTSP://%75:pw@CAM:554/%41?x=1", "rtsp://u:pw@cam./A?x=1&transport=udp"]
    sessions = [await start(in_use, text) for text in spellings]
    assert {session.stream.device.device_id for session in sessions} == {"rtsp://cam/A?***"}
    assert len(catalogue.opened) == 1


async def test_the_id_of_a_camera_in_use_stands_for_it_and_its_login(in_use: Sessions, catalogue: Opened) -> None:
    session = await start(in_use, "rtsp://user:password@cam/x")
    again = await start(in_use, session.stream.device.device_id)
    assert again.stream is session.stream
    assert len(catalogue.opened) == 1
    for one in (session, again):
        await in_use.close(one.session_id)
    await start(in_use, "rtsp://cam/x")
    source = catalogue.opened[-1].source
    assert source is not None
    assert getattr(source, "user", "none") is None


async def test_two_logins_of_one_camera_have_ids_of_their_own(in_use: Sessions) -> None:
    texts = ("rtsp://u:one@cam/x", "rtsp://u:two@cam/x", "rtsp://u:one@named/x", "rtsp://named/x")
    sessions = [await start(in_use, text) for text in texts]
    ids = [session.stream.device.device_id for session in sessions]
    assert ids == ["rtsp://cam/x", "rtsp://cam/x#2", "rtsp://named/x#2", "rtsp://named/x"]
    for session, device_id in zip(sessions, ids, strict=True):
        assert (await start(in_use, device_id)).stream is session.stream


async def test_no_notification_contains_a_secret(in_use: Sessions, notifications: Notifications) -> None:
    session = await start(in_use, "rtsp://user:password@cam/x?token=topsecret")
    await in_use.close(session.session_id)
    said = repr(notifications.all)
    assert "rtsp://cam/x?***" in said
    assert not any(secret in said for secret in ("user", "password", "topsecret"))


async def test_a_lost_network_camera_is_opened_again_with_its_login(catalogue: Opened) -> None:
    drivers = Drivers(catalogue)
    lost = await drivers.resolve("rtsp://user:password@cam/x")
    found, camera = await drivers.open_again(lost, SMALL)
    camera.close()
    assert found == lost
    assert catalogue.opened == [lost]


async def test_a_listed_file_is_opened_by_its_place_in_the_list(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4")
    catalogue = Catalogue([f"file:{video}"])
    place = [device.device_id for device in catalogue.list()].index(f"file:{video}")
    device = await Drivers(catalogue).resolve(f"camera-{place}")
    catalogue.open(device, SMALL).close()
    assert device.device_id == f"file:{video}"


async def test_questions_to_a_file_system_that_hangs_take_a_bounded_number_of_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = CameraPolicy(query_timeout=0.02)
    drivers = Drivers(Catalogue([f"file:{tmp_path}/*"]), policy)
    let_go = threading.Event()
    stat = os.stat

    def hang(path: str, *args: object, **options: object) -> object:
        if str(path).startswith(str(tmp_path)):
            let_go.wait(30)
        return stat(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", hang)
    before = threading.active_count()
    errors: list[ContractError] = []
    try:
        for number in range(4 * policy.max_queries):
            with pytest.raises(ContractError) as caught:
                await drivers.resolve(f"file:{tmp_path}/{number}.mp4")
            errors.append(caught.value)
        assert threading.active_count() <= before + policy.max_queries
        assert [error.kind for error in errors[policy.max_queries :]] == [
            LimitExceededError.kind
        ] * 3 * policy.max_queries
        drivers.policy = CameraPolicy()
        assert (await drivers.resolve("test:pattern")).kind == "test"
        with pytest.raises(SourceNotAllowedError):
            await drivers.resolve("file:/elsewhere")
    finally:
        let_go.set()
    await drivers.resolve(f"file:{tmp_path}/again.mp4")


async def test_a_source_that_its_text_refuses_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    drivers = Drivers(Catalogue())
    monkeypatch.setattr(threading, "Thread", None)
    for text in ("file:/etc/passwd", "file:\\\\server\\share\\x", "rtsp://cam/x", "http://cam/x", "file:a\nb"):
        with pytest.raises(SourceNotAllowedError):
            await drivers.resolve(text)


async def test_openings_that_hang_take_a_bounded_number_of_threads() -> None:
    policy = CameraPolicy(open_timeout=0.01)
    let_go = threading.Event()

    class Hangs(Opened):
        def open(self, device: Device, requested: RequestedFormat) -> Camera:
            let_go.wait(30)
            return super().open(device, requested)

    drivers = Drivers(Hangs(["rtsp://*"]), policy)
    kinds = []
    try:
        for number in range(policy.max_opening + 4):
            with pytest.raises(ContractError) as caught:
                await drivers.open(await drivers.resolve(f"rtsp://cam/{number}"), SMALL)
            kinds.append(caught.value.kind)
    finally:
        let_go.set()
    assert kinds == ["camera_failed"] * policy.max_opening + ["limit_exceeded"] * 4
