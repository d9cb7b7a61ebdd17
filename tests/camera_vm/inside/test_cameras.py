"""Cameras of a real V4L2 driver, the kernel's vivid: emulated and slow, so the pictures are judged, not the rate."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sidecar.cameras import opencv, pyav
from sidecar.cameras.camera import Camera
from sidecar.cameras.capture_time import captured_at
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.providers.system import Backend
from sidecar.contract.errors import (
    CameraBusyError,
    CameraFailedError,
    CameraNotFoundError,
    CameraPermissionDeniedError,
    ContractError,
)

assert sys.platform == "linux"

SMALL = RequestedFormat(320, 180, 10)
BACKENDS: tuple[Backend, ...] = ("pyav", "opencv")


@pytest.fixture(params=BACKENDS)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return Catalogue(backend=request.param)


@pytest.fixture
def device(catalogue: Catalogue) -> Device:
    return catalogue.resolve("camera-0")


@pytest.fixture
def camera(catalogue: Catalogue, device: Device) -> Iterator[Camera]:
    """The first camera, open at 320x180."""
    opened = catalogue.open(device, SMALL)
    yield opened
    opened.close()


def v4l2_ctl(device: Device, *arguments: str) -> str:
    command = ["v4l2-ctl", "--device", device.address, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def is_held(device: Device) -> bool:
    """Whether this process has the device open."""
    return device.address in [os.path.realpath(entry.path) for entry in os.scandir("/proc/self/fd")]


def in_another_process(code: str) -> str:
    """Return the output of a new Python process with a catalogue."""
    start = "from sidecar.cameras.catalogue import Catalogue; catalogue = Catalogue()\n"
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


# -- listing ----------------------------------------------------------------------------------------------------------


def test_both_cameras_are_listed_by_name_with_ids_of_the_bus() -> None:
    devices = Catalogue().list()
    assert [device.device_id for device in devices] == [
        "v4l2:platform:vivid-000:0",
        "v4l2:platform:vivid-001:0",
        "test:pattern",
    ]
    assert [device.address for device in devices[:2]] == ["/dev/video0", "/dev/video1"]
    assert {device.name for device in devices[:2]} == {"vivid"}
    assert all(device.is_available for device in devices)


@pytest.mark.parametrize("fourcc", [("YUYV", "yuyv422"), ("NV12", "nv12"), ("YU12", "yuv420p"), ("GREY", "gray")])
def test_formats_are_those_that_v4l2_ctl_lists(fourcc: tuple[str, str]) -> None:
    device = Catalogue().resolve("camera-0")
    listed = set()
    for size in re.findall(r"Discrete (\d+x\d+)", v4l2_ctl(device, f"--list-framesizes={fourcc[0]}")):
        width, height = size.split("x")
        intervals = v4l2_ctl(device, f"--list-frameintervals=width={width},height={height},pixelformat={fourcc[0]}")
        listed |= {(int(width), int(height), float(fps)) for fps in re.findall(r"\(([\d.]+) fps\)", intervals)}
    ours = {(one.width, one.height, one.fps) for one in device.formats if one.pixel_format == fourcc[1]}
    assert len(listed) > 10
    assert ours == listed


def test_listing_does_not_start_a_camera_nor_keep_it_open() -> None:
    device = Catalogue().list()[0]
    assert not is_held(device)
    assert in_another_process("print(catalogue.resolve('camera-0').is_available)") == "True"


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_pictures_come_at_the_size_asked_for_and_in_colour(camera: Camera) -> None:
    frames = [camera.read() for _ in range(3)]
    assert (camera.format.width, camera.format.height, camera.format.fps) == (320, 180, 10.0)
    assert [frame.number for frame in frames] == [0, 1, 2]
    assert {(frame.width, frame.height, frame.pixel_format) for frame in frames} == {(320, 180, "yuv420p")}
    luma, u, v = frames[-1].planes
    assert luma.shape == (180, 320)
    assert u.shape == v.shape == (90, 160)
    bars = luma[20:80].mean(axis=0)  # vivid shows colour bars: white at the left, black at the right
    assert bars[10] > 150 > 50 > bars[-10]
    assert np.ptp(u) > 60
    assert np.ptp(v) > 60


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("pixel_format", "shapes"),
    [
        ("yuyv422", [(180, 640)]),
        ("nv12", [(180, 320), (90, 320)]),
        ("gray", [(180, 320)]),
    ],
)
def test_native_pixel_formats_come_as_they_are(
    backend: Backend, pixel_format: str, shapes: list[tuple[int, ...]]
) -> None:
    catalogue = Catalogue(backend=backend)
    camera = catalogue.open(only(catalogue.resolve("camera-0"), pixel_format), SMALL)
    frame = camera.read()
    camera.close()
    assert camera.format.pixel_format == frame.pixel_format == pixel_format
    assert [plane.shape for plane in frame.planes] == shapes


def test_a_format_that_a_frame_has_no_place_for_is_converted() -> None:
    catalogue = Catalogue(backend="pyav")
    camera = catalogue.open(only(catalogue.resolve("camera-0"), "uyvy422"), SMALL)
    frame = camera.read()
    camera.close()
    assert camera.format.pixel_format == "uyvy422"
    assert frame.pixel_format == "yuv420p"


def only(device: Device, pixel_format: str) -> Device:
    """Return the device with this pixel format alone."""
    formats = tuple(one for one in device.formats if one.pixel_format == pixel_format)
    return Device(
        device.device_id, device.name, "", device.kind, True, formats, device.platform, device.address, device.index
    )


def test_a_size_that_the_camera_does_not_have_gives_the_nearest(catalogue: Catalogue, device: Device) -> None:
    camera = catalogue.open(device, RequestedFormat(600, 350, 5))
    frame = camera.read()
    camera.close()
    assert (camera.format.width, camera.format.height, camera.format.fps) == (640, 360, 5.0)
    assert (frame.width, frame.height) == (640, 360)


def test_frames_are_fresh_and_in_order(camera: Camera) -> None:
    frames = []
    for _ in range(5):
        frames.append(camera.read())
        assert 0 <= time.monotonic() - frames[-1].captured_at < 1.5
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)


@pytest.mark.parametrize(("backend", "module"), [("opencv", opencv), ("pyav", pyav)], ids=["opencv", "pyav"])
def test_a_driver_s_time_stamps_are_there_and_by_our_clock(
    monkeypatch: pytest.MonkeyPatch, backend: Backend, module: ModuleType
) -> None:
    told: list[float | None] = []

    def listening(driver_time: float | None) -> float:
        told.append(driver_time)
        return captured_at(driver_time)

    monkeypatch.setattr(module, "captured_at", listening)
    catalogue = Catalogue(backend=backend)
    camera = catalogue.open(catalogue.resolve("camera-0"), SMALL)
    frame = camera.read()
    camera.close()
    # Not the same, for vivid stamps the end of a frame ahead of time, and a time to come counts as now.
    assert min(abs(frame.captured_at - (driver_time or 0.0)) for driver_time in told) < 1.0


def test_after_a_stall_at_most_one_old_picture_comes(camera: Camera) -> None:
    camera.read()
    time.sleep(1.5)  # the stall: far longer than pictures take, while the driver goes on
    resumed = time.monotonic()
    camera.read()  # the newest that the driver had a buffer for
    assert camera.read().captured_at > resumed - 0.5


# -- closing ----------------------------------------------------------------------------------------------------------


def test_the_descriptor_is_gone_after_closing(camera: Camera, device: Device) -> None:
    assert is_held(device)
    frame = camera.read()
    before = np.array(frame.planes[0])
    camera.close()
    camera.close()
    assert not is_held(device)
    assert (frame.planes[0] == before).all(), "a frame outlives its camera"
    with pytest.raises(CameraFailedError):
        camera.read()


def test_a_closed_camera_opens_again_at_another_size(catalogue: Catalogue, device: Device) -> None:
    for size in ((320, 180), (640, 360), (320, 180)):
        camera = catalogue.open(device, RequestedFormat(*size, 5))
        frame = camera.read()
        camera.close()
        assert (frame.width, frame.height) == size


# -- faults -----------------------------------------------------------------------------------------------------------


def test_a_busy_camera_names_who_holds_it(catalogue: Catalogue, device: Device) -> None:
    command = ["v4l2-ctl", "--device", device.address, "--stream-mmap", "--stream-count=100000", "--stream-to=-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdout is not None
        holder.stdout.read(1)  # it streams
        assert [one.is_available for one in catalogue.list()] == [False, True, True]
        with pytest.raises(CameraBusyError) as caught:
            catalogue.open(device, SMALL)
        holder.kill()
    assert caught.value.details == {"holder": {"name": "v4l2-ctl", "pid": holder.pid}}
    assert "v4l2-ctl" in caught.value.hint
    assert catalogue.list()[0].is_available


def test_one_s_own_open_camera_is_available_and_another_program_s_is_not(camera: Camera) -> None:
    camera.read()
    assert Catalogue().list()[0].is_available
    assert in_another_process("print(catalogue.resolve('camera-0').is_available)") == "False"


def test_a_forbidden_camera_says_what_to_do(catalogue: Catalogue, device: Device) -> None:
    path = Path(device.address)
    mode = path.stat().st_mode
    path.chmod(0)
    os.seteuid(65534)
    try:
        with pytest.raises(CameraPermissionDeniedError) as caught:
            catalogue.open(device, SMALL)
        status, hint = catalogue.permission_status(device)
        listed = [one for one in catalogue.list() if one.address == device.address]
    finally:
        os.seteuid(0)
        path.chmod(mode)
    assert "usermod" in caught.value.hint
    assert (status, hint) == ("denied", caught.value.hint)
    assert [one.is_available for one in listed] == [False]
    assert catalogue.permission_status(device) == ("granted", None)


def test_a_camera_whose_node_is_gone_is_not_found(catalogue: Catalogue, device: Device) -> None:
    path, hidden = Path(device.address), Path("/dev/hidden-camera")
    before = catalogue.fingerprint()
    path.rename(hidden)
    try:
        with pytest.raises(CameraNotFoundError) as caught:
            catalogue.open(device, SMALL)
        assert catalogue.fingerprint() != before
    finally:
        hidden.rename(path)
    assert caught.value.details == {"available": ["v4l2:platform:vivid-001:0", "test:pattern"]}


def test_a_camera_that_is_unplugged_while_it_is_read_fails_within_two_seconds(camera: Camera, device: Device) -> None:
    camera.read()
    v4l2_ctl(device, "--set-ctrl", "disconnect=1")
    started = time.monotonic()
    with pytest.raises(ContractError) as caught:
        while True:
            camera.read()
    assert time.monotonic() - started < 2
    assert isinstance(caught.value, CameraFailedError)
    assert "unplugged" in caught.value.message
    camera.close()
    assert not is_held(device)
