from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.hotplug import DeviceEvents, device_events
from sidecar.cameras.providers.test_patterns import TEST_PATTERN
from sidecar.cameras.watch import CameraWatch, WatchPolicy
from sidecar.contract.errors import CameraFailedError
from tests.support.notifications import LIMIT, Notifications

WEBCAM = replace(TEST_PATTERN, device_id="v4l2:webcam", name="Webcam", kind="camera", address="/dev/video0")


class Plugs(Catalogue):
    """A system with the cameras that the test plugs in."""

    def __init__(self) -> None:
        super().__init__()
        self.devices: tuple[Device, ...] = ()
        self.looks = 0
        self.was_looked_at = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.fails = 0

    def fingerprint(self) -> object:
        self.looks += 1
        self._loop.call_soon_threadsafe(self.was_looked_at.set)
        return self.devices

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        if self.fails:
            self.fails -= 1
            raise CameraFailedError("the system did not answer")
        return (*self.devices, TEST_PATTERN)


class ScriptedEvents:
    """Events that the test sends."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self.error: OSError | None = None
        self.closed = asyncio.Event()
        self.was_taken = asyncio.Event()

    def send(self, about: bytes = b"c") -> None:
        """Send an event; only `c` concerns a camera."""
        self._theirs.send(about)

    def fileno(self) -> int:
        return self._ours.fileno()

    def take(self) -> bool:
        received = self._ours.recv(100)
        self.was_taken.set()
        if self.error is not None:
            raise self.error
        return b"c" in received

    def close(self) -> None:
        self.closed.set()
        self._ours.close()
        self._theirs.close()


RARELY = WatchPolicy(interval=1e6, settle=0.0)
"""Looks follow events only, never the time."""

OFTEN = WatchPolicy(interval=0.01, settle=0.0)


class Retries:
    """Counts the retries of lost cameras."""

    def __init__(self) -> None:
        self.count = 0
        self.first = asyncio.Event()

    def retry(self) -> None:
        self.count += 1
        self.first.set()


@asynccontextmanager
async def watching(
    catalogue: Plugs,
    notify: Notifications,
    listen: Callable[[], DeviceEvents | None],
    policy: WatchPolicy = RARELY,
) -> AsyncIterator[Retries]:
    """A watch that has looked for the first time."""
    retries = Retries()
    watch = CameraWatch(Drivers(catalogue), notify, retries.retry, listen=listen, policy=policy)
    watch.start()
    try:
        await asyncio.wait_for(retries.first.wait(), LIMIT)  # after a look at a changed list
        yield retries
    finally:
        await watch.aclose()


@pytest.fixture
async def catalogue() -> Plugs:
    return Plugs()


async def test_a_camera_that_comes_and_goes_is_reported_after_an_event_of_the_system(
    catalogue: Plugs, notifications: Notifications
) -> None:
    events = ScriptedEvents()
    async with watching(catalogue, notifications, lambda: events) as retries:
        catalogue.devices = (WEBCAM,)
        events.send()
        came = await notifications.wait_for("cameras_changed")
        assert (came["added"], came["removed"]) == (["v4l2:webcam"], [])
        assert [camera["device_id"] for camera in came["cameras"]] == ["v4l2:webcam", "test:pattern"]
        assert retries.count >= 2, "the event itself, and what was seen then"
        catalogue.devices = ()
        events.send()
        gone = (await notifications.wait_for_count("cameras_changed", 2))[1]
        assert (gone["added"], gone["removed"]) == ([], ["v4l2:webcam"])
    assert events.closed.is_set()


async def test_events_about_other_devices_cost_no_look(catalogue: Plugs, notifications: Notifications) -> None:
    events = ScriptedEvents()
    async with watching(catalogue, notifications, lambda: events) as retries:
        looks, tried = catalogue.looks, retries.count
        catalogue.devices = (WEBCAM,)
        events.send(b"xx")
        await asyncio.wait_for(events.was_taken.wait(), LIMIT)
        assert (catalogue.looks, retries.count) == (looks, tried)
        events.send()
        await notifications.wait_for("cameras_changed")
        assert catalogue.looks == looks + 1


async def test_the_first_listing_and_an_unchanged_one_send_no_notification(
    catalogue: Plugs, notifications: Notifications
) -> None:
    catalogue.devices = (WEBCAM,)
    events = ScriptedEvents()
    async with watching(catalogue, notifications, lambda: events):
        catalogue.was_looked_at.clear()
        events.send()
        await asyncio.wait_for(catalogue.was_looked_at.wait(), LIMIT)
        catalogue.devices = ()
        events.send()
        changed = await notifications.wait_for("cameras_changed")
    assert (changed["added"], changed["removed"]) == ([], ["v4l2:webcam"])


async def test_without_events_it_looks_again_and_again(catalogue: Plugs, notifications: Notifications) -> None:
    async with watching(catalogue, notifications, lambda: None, OFTEN) as retries:
        tried = retries.count
        catalogue.devices = (WEBCAM,)
        await notifications.wait_for("cameras_changed")
        assert retries.count > tried


async def test_a_system_that_refuses_events_is_told_in_the_log_and_looked_at(
    catalogue: Plugs, notifications: Notifications, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> DeviceEvents | None:
        raise OSError(24, "Too many open files")

    async with watching(catalogue, notifications, refuse, OFTEN):
        catalogue.devices = (WEBCAM,)
        await notifications.wait_for("cameras_changed")
    assert "Too many open files" in caplog.text


async def test_events_that_end_are_told_in_the_log_and_looks_take_their_place(
    catalogue: Plugs, notifications: Notifications, caplog: pytest.LogCaptureFixture
) -> None:
    events = ScriptedEvents()
    async with watching(catalogue, notifications, lambda: events, OFTEN):
        events.error = OSError(19, "No such device")
        events.send()
        await asyncio.wait_for(events.closed.wait(), LIMIT)
        catalogue.devices = (WEBCAM,)
        await notifications.wait_for("cameras_changed")
    assert "No such device" in caplog.text


async def test_a_look_that_failed_is_made_again_without_an_event(
    catalogue: Plugs, notifications: Notifications
) -> None:
    events = ScriptedEvents()
    async with watching(catalogue, notifications, lambda: events, OFTEN):
        catalogue.fails = 2
        catalogue.devices = (WEBCAM,)
        events.send()
        assert (await notifications.wait_for("cameras_changed"))["added"] == ["v4l2:webcam"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux's descriptors")
async def test_watching_leaves_no_descriptor(catalogue: Plugs, notifications: Notifications) -> None:
    before = descriptors()
    async with watching(catalogue, notifications, device_events):
        assert descriptors() == before + 1
    assert descriptors() == before


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
