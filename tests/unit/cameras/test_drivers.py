from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import pytest

from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import DriverHangsError, Drivers
from sidecar.cameras.policy import CameraPolicy
from sidecar.cameras.providers.test_patterns import TEST_PATTERN
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, EncoderFailedError
from sidecar.media.frame_slot import FrameSlot
from tests.support.faulty_cameras import FaultyCamera, FaultyCatalogue
from tests.support.notifications import LIMIT

SMALL = RequestedFormat(64, 36, 30)


class Plugged(Catalogue):
    """A system with the cameras of the test. They open with the formats that they offer, or with no formats."""

    def __init__(self, *devices: Device) -> None:
        super().__init__()
        self.devices = devices
        self.opened: list[Device] = []

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        found = self.devices if asks_formats else [replace(device, formats=()) for device in self.devices]
        return (*found, TEST_PATTERN)

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        self.opened.append(device)
        if device.formats not in [(), *(one.formats for one in self.devices)]:
            raise CameraFailedError("The camera does not take this format.")
        return super().open(TEST_PATTERN, requested)


@dataclass
class CameraInUse:
    device: Device


def webcam(device_id: str, address: str, *aliases: str, name: str = "Webcam") -> Device:
    return replace(
        TEST_PATTERN, device_id=device_id, name=name, kind="camera", address=address, aliases=aliases, formats=()
    )


async def test_a_camera_is_found_again_on_another_index_under_the_id_it_had() -> None:
    catalogue = Plugged(webcam("v4l2:serial", "/dev/video2", "v4l2:bus-1"))
    device, camera = await Drivers(catalogue).open_again(webcam("v4l2:serial", "/dev/video0", "v4l2:bus-1"), SMALL)
    camera.close()
    assert (device.device_id, device.address) == ("v4l2:serial", "/dev/video2")
    assert [one.address for one in catalogue.opened] == ["/dev/video2"]


async def test_a_camera_whose_serial_number_is_no_longer_unique_is_found_by_its_place_and_keeps_its_id() -> None:
    twins = webcam("v4l2:bus-1", "/dev/video2"), webcam("v4l2:bus-2", "/dev/video4")
    device, camera = await Drivers(Plugged(*twins)).open_again(
        webcam("v4l2:serial", "/dev/video0", "v4l2:bus-1"), SMALL
    )
    camera.close()
    assert (device.device_id, device.address) == ("v4l2:serial", "/dev/video2")


@pytest.mark.parametrize(
    "other",
    [
        webcam("v4l2:other-serial", "/dev/video0", "v4l2:bus-1"),
        webcam("v4l2:bus-1", "/dev/video0", name="Capture card"),
    ],
)
async def test_another_camera_in_the_lost_one_s_place_is_not_taken_for_it(other: Device) -> None:
    catalogue = Plugged(other)
    with pytest.raises(CameraNotFoundError, match="Webcam is not there"):
        await Drivers(catalogue).open_again(webcam("v4l2:serial", "/dev/video0", "v4l2:bus-1"), SMALL)
    assert catalogue.opened == []


NARROW, WIDE = Format(320, 180, 30.0, "yuyv422"), Format(640, 360, 30.0, "yuyv422")


async def test_a_camera_that_is_back_is_opened_by_the_formats_that_it_had_and_not_asked_again() -> None:
    lost = replace(webcam("v4l2:serial", "/dev/video0"), formats=(NARROW,))
    catalogue = Plugged(replace(lost, address="/dev/video2"))
    device, camera = await Drivers(catalogue).open_again(lost, SMALL)
    camera.close()
    assert catalogue.opened == [device] == [replace(lost, address="/dev/video2")]


async def test_a_camera_that_is_back_and_does_not_open_any_more_as_it_did_is_asked_for_its_formats() -> None:
    lost = replace(webcam("v4l2:serial", "/dev/video0"), formats=(NARROW,))
    catalogue = Plugged(replace(lost, formats=(WIDE,)))
    device, camera = await Drivers(catalogue).open_again(lost, SMALL)
    camera.close()
    assert [one.formats for one in catalogue.opened] == [(NARROW,), (WIDE,)]
    assert device.formats == (WIDE,)


async def test_a_picture_that_no_level_allows_is_refused_and_the_camera_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FaultyCamera, "format", Format(16384, 16384, 30.0, "yuv420p"))
    catalogue = FaultyCatalogue()
    with pytest.raises(EncoderFailedError, match=r"No H\.264 level"):
        await Drivers(catalogue).open(TEST_PATTERN, SMALL)
    assert catalogue.opened[0].closed.is_set()


async def test_the_time_limit_of_a_driver_begins_after_the_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 1.0  # enough for a test picture to open on a busy machine
    catalogue = FaultyCatalogue()
    steps: list[str] = []
    imported = threading.Event()

    def prepare(device: Device) -> None:
        imported.wait(LIMIT)
        steps.append(f"imported with {catalogue.tries} openings")

    monkeypatch.setattr(catalogue, "prepare", prepare)
    threading.Timer(1.1 * limit, imported.set).start()
    (await Drivers(catalogue, CameraPolicy(open_timeout=limit)).open(TEST_PATTERN, SMALL)).close()
    assert steps == ["imported with 0 openings"]


async def test_an_import_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = FaultyCatalogue()
    never = threading.Event()
    monkeypatch.setattr(catalogue, "prepare", lambda device: never.wait(LIMIT))
    with pytest.raises(CameraFailedError, match="were not imported within"):
        await Drivers(catalogue, CameraPolicy(import_timeout=0.05)).open(TEST_PATTERN, SMALL)
    assert catalogue.tries == 0
    never.set()


async def test_an_opening_that_hangs_is_not_tried_again_before_it_comes_back() -> None:
    catalogue = FaultyCatalogue()
    drivers = Drivers(catalogue, CameraPolicy(open_timeout=0.05))
    catalogue.go_on.clear()
    with pytest.raises(CameraFailedError, match="did not open within"):
        await drivers.open(TEST_PATTERN, SMALL)
    with pytest.raises(CameraFailedError, match="does not answer"):
        await drivers.open(TEST_PATTERN, SMALL)
    assert catalogue.tries == 1
    catalogue.go_on.set()
    assert catalogue.came_back.wait(LIMIT)
    assert catalogue.opened[0].closed.wait(LIMIT)
    drivers.policy = CameraPolicy()
    (await drivers.open(TEST_PATTERN, SMALL)).close()


async def test_hanging_threads_are_counted_until_they_return() -> None:
    catalogue = FaultyCatalogue()
    drivers = Drivers(catalogue, CameraPolicy(stop_timeout=0.02))
    catalogue.hangs = True
    catalogue.go_on.clear()
    captures = []
    for _ in range(drivers.policy.max_hanging):
        capture = CaptureThread(await drivers.open(TEST_PATTERN, SMALL), FrameSlot(), on_lost=lambda error: None)
        capture.start()
        assert catalogue.opened[-1].hanging.wait(LIMIT)
        await drivers.release(TEST_PATTERN, capture)
        await drivers.release(TEST_PATTERN, capture)
        captures.append(capture)
    with pytest.raises(DriverHangsError):
        await drivers.open(TEST_PATTERN, SMALL)
    catalogue.go_on.set()
    for capture in captures:
        assert capture.stop(LIMIT)
    (await drivers.open(TEST_PATTERN, SMALL)).close()


async def test_a_driver_that_hangs_does_not_affect_another_camera() -> None:
    let_go = threading.Event()

    class OneHangs(Plugged):
        def open(self, device: Device, requested: RequestedFormat) -> Camera:
            if device.address == "/dev/video0":
                let_go.wait(LIMIT)
            return super().open(device, requested)

    drivers = Drivers(OneHangs(), CameraPolicy(open_timeout=0.05))
    with pytest.raises(CameraFailedError):
        await drivers.open(webcam("v4l2:one", "/dev/video0"), SMALL)
    drivers.policy = CameraPolicy()
    (await drivers.open(webcam("v4l2:two", "/dev/video1"), SMALL)).close()
    let_go.set()


async def test_a_camera_in_use_is_found_first_by_its_id_and_at_its_present_address() -> None:
    drivers = Drivers(Plugged())
    camera = CameraInUse(webcam("v4l2:numbered#2", "/dev/video7"))
    drivers.add_in_use(camera)
    assert await drivers.resolve("v4l2:numbered#2") is camera.device
    camera.device = webcam("v4l2:numbered#2", "/dev/video8")
    assert (await drivers.resolve("v4l2:numbered#2")).address == "/dev/video8"
    drivers.remove_in_use(camera)
    drivers.remove_in_use(camera)
    with pytest.raises(CameraNotFoundError):
        await drivers.resolve("v4l2:numbered#2")


async def test_the_permission_is_that_of_the_camera_with_this_id() -> None:
    drivers = Drivers(Plugged())
    assert await drivers.request_permission("test:pattern") == ("granted", None)
    with pytest.raises(CameraNotFoundError):
        await drivers.request_permission("v4l2:missing")
