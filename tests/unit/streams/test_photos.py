"""Photos of a camera: which picture they show, their order, and the camera's losses and ends."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.policy import CameraPolicy, RetryPolicy
from sidecar.contract.errors import CameraFailedError, InvalidStateError
from sidecar.contract.types import EncodingOptions
from sidecar.media.frame import Plane
from sidecar.media.frame_slot import FrameTee
from sidecar.media.photo import Photo, PhotoOptions
from sidecar.streams.photos import Photos
from sidecar.streams.sessions import Session, Sessions
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.notifications import LIMIT, Notifications
from tests.support.pictures import MovingPicture

JPEG = PhotoOptions("image/jpeg", 0.92)
EAGER = CameraPolicy(placeholder_fps=40.0, retries=RetryPolicy(first_delay=0.01, longest_delay=0.02))


def nothing_wrong() -> None:
    return


class Bench:
    """Photos of frames that the test gives."""

    def __init__(self) -> None:
        self.frames = FrameTee()
        self.photos = Photos(self.frames, nothing_wrong)
        self._picture = MovingPicture(64, 36)

    async def ask(self) -> asyncio.Task[Photo]:
        """Begin to take a photo."""
        task = asyncio.create_task(self.photos.take(JPEG))
        await asyncio.sleep(0)
        return task

    def show(self, captured_at: float) -> weakref.ref[Plane]:
        """Put a frame, and return a reference that does not keep it alive."""
        frame = replace(self._picture.frame(0), captured_at=captured_at)
        luma = frame.planes[0].copy()
        self.frames.put(replace(frame, planes=(luma, *frame.planes[1:])))
        return weakref.ref(luma)


async def test_the_photo_is_of_the_first_picture_that_is_captured_after_the_call() -> None:
    bench = Bench()
    before = time.monotonic()
    photo = await bench.ask()
    for captured_at in (before - 0.1, before + 100, before + 200):
        bench.show(captured_at)
    assert (await photo).captured_at == before + 100


async def test_a_photo_keeps_no_frame_and_takes_no_further_one() -> None:
    bench = Bench()
    photo = await bench.ask()
    shown = bench.show(time.monotonic())
    await photo
    later = bench.show(time.monotonic())
    gc.collect()
    assert (shown(), later()) == (None, None)


async def test_photos_are_taken_one_after_the_other() -> None:
    bench = Bench()
    first, second = await bench.ask(), await bench.ask()
    bench.show(time.monotonic())
    taken = await first
    assert not second.done()
    await asyncio.sleep(0)
    bench.show(time.monotonic())
    assert (await second).captured_at > taken.captured_at


async def test_a_photo_that_is_given_up_lets_the_next_one_be_taken() -> None:
    bench = Bench()
    first, second = await bench.ask(), await bench.ask()
    first.cancel()
    await asyncio.wait([first])
    await asyncio.sleep(0)
    bench.show(time.monotonic())
    assert (await second).width == 64


# -- the camera -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def faulty(notifications: Notifications) -> AsyncIterator[tuple[Sessions, FaultyCatalogue]]:
    """Sessions with a catalogue that has faults."""
    catalogue = FaultyCatalogue()
    sessions = Sessions(Drivers(catalogue, EAGER), notifications)
    yield sessions, catalogue
    catalogue.go_on.set()
    await sessions.aclose()


async def open_pattern(sessions: Sessions) -> Session:
    return await sessions.open("test:pattern", RequestedFormat(64, 36, 60), EncodingOptions())


async def waiting_photo(session: Session, catalogue: FaultyCatalogue) -> asyncio.Task[Photo]:
    """A photo of a camera that gives no picture at the moment."""
    catalogue.hangs = True
    catalogue.go_on.clear()
    assert await asyncio.to_thread(catalogue.opened[-1].hanging.wait, LIMIT)
    task = asyncio.create_task(session.stream.take_photo(JPEG))
    await asyncio.sleep(0)
    return task


async def test_a_photo_needs_no_viewer_and_has_the_size_in_force(sessions: Sessions) -> None:
    session = await open_pattern(sessions)
    assert (await session.stream.take_photo(JPEG)).width == 64
    await session.stream.set_format(RequestedFormat(128, 72))
    assert (await session.stream.take_photo(JPEG)).width == 128


async def test_a_lost_camera_gives_its_reason_and_no_photo_of_the_placeholder(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    session = await open_pattern(sessions)
    photo = await waiting_photo(session, catalogue)
    catalogue.is_there = False
    catalogue.opened[-1].broken = True
    catalogue.go_on.set()
    with pytest.raises(CameraFailedError, match="unplugged"):
        await photo
    await notifications.wait_for("camera_state", lambda state: state["state"] == "recovering")
    with pytest.raises(CameraFailedError, match="unplugged"):
        await session.stream.take_photo(JPEG)
    catalogue.hangs, catalogue.is_there = False, True
    await notifications.wait_for_count("camera_state", 2, lambda state: state["state"] == "streaming")
    assert (await session.stream.take_photo(JPEG)).width == 64


async def test_the_end_of_the_camera_ends_a_photo_that_waits(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    session = await open_pattern(sessions)
    await notifications.wait_for("camera_state", lambda state: state["state"] == "streaming")
    photo = await waiting_photo(session, catalogue)
    catalogue.hangs = False
    ending = asyncio.create_task(sessions.close(session.session_id))
    with pytest.raises(InvalidStateError):
        await photo
    catalogue.go_on.set()
    await ending
    with pytest.raises(InvalidStateError):
        await session.stream.take_photo(JPEG)


async def test_the_reason_of_a_lost_camera_keeps_nothing_of_the_calls_that_it_refused(
    faulty: tuple[Sessions, FaultyCatalogue], notifications: Notifications
) -> None:
    sessions, catalogue = faulty
    session = await open_pattern(sessions)
    catalogue.is_there, catalogue.opened[-1].broken = False, True
    await notifications.wait_for("camera_state", lambda state: state["state"] == "recovering")
    depths: set[int] = set()
    for _ in range(5):
        with pytest.raises(CameraFailedError, match="unplugged") as refused:
            await session.stream.take_photo(JPEG)
        depths.add(len(refused.traceback))
    assert len(depths) == 1
