"""Listing, finding and opening cameras by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest

from sidecar.cameras.catalogue import Catalogue, providers
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.platforms import OtherPlatform
from sidecar.cameras.policy import RtspPolicy
from sidecar.cameras.providers.system import Backend
from sidecar.cameras.sources.allowed import AllowedSources
from sidecar.contract.errors import CameraNotFoundError, SourceNotAllowedError
from sidecar.contract.types import CameraKind


def device(device_id: str, aliases: tuple[str, ...] = ()) -> Device:
    return Device(device_id, "A camera", "A camera", "camera", True, (), "linux", "/dev/null", aliases=aliases)


class TwoCameras(OtherPlatform):
    """A system with two cameras, which a test may take away."""

    def __init__(self) -> None:
        self.cameras = [device("v4l2:one", aliases=("v4l2:usb-1",)), device("v4l2:two")]

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return tuple(self.cameras)


@pytest.fixture
def system() -> TwoCameras:
    return TwoCameras()


@pytest.fixture
def catalogue(system: TwoCameras) -> Catalogue:
    return Catalogue(platform=system)


def ids(devices: Sequence[Device]) -> list[str]:
    return [one.device_id for one in devices]


def test_every_kind_of_the_contract_has_its_row() -> None:
    assert set(providers("auto", None, AllowedSources, RtspPolicy())) == set(get_args(CameraKind))


def test_the_test_pattern_is_listed_last(catalogue: Catalogue) -> None:
    devices = catalogue.list()
    assert ids(devices) == ["v4l2:one", "v4l2:two", "test:pattern"]
    assert devices[-1].kind == "test"
    assert devices[-1].formats


def test_the_machine_s_own_cameras_can_be_listed() -> None:
    assert Catalogue().list()[-1].device_id == "test:pattern"
    assert Catalogue().fingerprint() == Catalogue().fingerprint()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("v4l2:two", "v4l2:two"),
        ("v4l2:usb-1", "v4l2:one"),
        ("camera-0", "v4l2:one"),
        ("camera-1", "v4l2:two"),
        ("test:pattern", "test:pattern"),
    ],
)
def test_a_camera_is_found_by_its_id_and_aliases(catalogue: Catalogue, asked: str, found: str) -> None:
    assert catalogue.resolve(asked).device_id == found


@pytest.mark.parametrize("asked", ["camera-2", "camera--1", "camera-", "camera-99999", "v4l2:", "test:", "/dev/video0"])
def test_an_unknown_camera_is_an_error_that_lists_the_known_ones(catalogue: Catalogue, asked: str) -> None:
    with pytest.raises(CameraNotFoundError) as caught:
        catalogue.resolve(asked)
    assert caught.value.details == {"available": ["v4l2:one", "v4l2:two", "test:pattern"]}


def test_without_a_camera_the_alias_does_not_mean_the_test_pattern(catalogue: Catalogue, system: TwoCameras) -> None:
    system.cameras.clear()
    with pytest.raises(CameraNotFoundError):
        catalogue.resolve("camera-0")


@pytest.mark.parametrize("asked", ["file:/etc/passwd", "rtsp://127.0.0.1/stream"])
def test_sources_without_a_pattern_are_refused(asked: str) -> None:
    with pytest.raises(SourceNotAllowedError):
        Catalogue().resolve(asked)


@pytest.mark.parametrize("backend", ["pyav", "opencv"])
def test_opening_a_camera_that_is_gone_lists_the_known_ones(system: TwoCameras, backend: Backend) -> None:
    gone = Device("v4l2:gone", "Gone", "Gone", "camera", True, (), "linux", "/dev/video-that-is-gone")
    with pytest.raises(CameraNotFoundError) as caught:
        Catalogue(backend=backend, platform=system).open(gone, RequestedFormat())
    assert caught.value.details == {"available": ["v4l2:one", "v4l2:two", "test:pattern"]}


def test_the_test_pattern_opens_at_the_nearest_format() -> None:
    catalogue = Catalogue()
    camera = catalogue.open(catalogue.resolve("test:pattern"), RequestedFormat(321, 181, 200))
    camera.close()
    assert (camera.format.width, camera.format.height, camera.format.fps) == (320, 180, 120.0)


def test_the_test_pattern_needs_no_permission() -> None:
    catalogue = Catalogue()
    assert catalogue.permission_status(catalogue.resolve("test:pattern")) == ("granted", None)


def test_sources_named_on_the_command_line_are_listed_in_its_order_behind_the_cameras(system: TwoCameras) -> None:
    patterns = ["rtsp://10.0.0.1/main", "rtsp://10.0.0.*", "file:/videos/a.mp4", "file:/videos/*", "rtsp://10.0.0.2/x"]
    catalogue = Catalogue(patterns, platform=system)
    named = ["rtsp://10.0.0.1/main", "file:/videos/a.mp4", "rtsp://10.0.0.2/x"]
    assert ids(catalogue.list()) == ["v4l2:one", "v4l2:two", *named, "test:pattern"]
    assert [catalogue.resolve(f"camera-{number}").kind for number in (2, 3)] == ["rtsp", "file"]


def test_test_pictures_are_found_under_99_ids_and_one_is_listed() -> None:
    catalogue = Catalogue()
    devices = [catalogue.resolve(device_id) for device_id in ("test:pattern", "test:pattern-2", "test:pattern-99")]
    assert ids(devices) == ["test:pattern", "test:pattern-2", "test:pattern-99"]
    assert len({device.name for device in devices}) == 3
    assert {device.kind for device in devices} == {"test"}
    assert [device for device in catalogue.list() if device.kind == "test"] == devices[:1]


@pytest.mark.parametrize("device_id", ["test:pattern-1", "test:pattern-100", "test:pattern-x", "test:"])
def test_no_other_name_is_a_test_picture(device_id: str) -> None:
    with pytest.raises(CameraNotFoundError):
        Catalogue().resolve(device_id)
