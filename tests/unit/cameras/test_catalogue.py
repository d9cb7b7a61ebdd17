"""Listing, finding and opening cameras by their ids."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sidecar.cameras import listing
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.contract.errors import CameraNotFoundError, SourceNotAllowedError


def device(device_id: str, aliases: tuple[str, ...] = ()) -> Device:
    return Device(device_id, "A camera", "A camera", "camera", True, (), "linux", "/dev/null", aliases=aliases)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The cameras that the system lists in this test."""
    cameras = [device("v4l2:one", aliases=("v4l2:usb-1",)), device("v4l2:two")]
    monkeypatch.setattr(listing, "list_cameras", lambda asks_formats: tuple(cameras))
    return cameras


def ids(devices: Sequence[Device]) -> list[str]:
    return [one.device_id for one in devices]


def test_the_test_pattern_is_listed_last(system: list[Device]) -> None:
    devices = Catalogue().list()
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
@pytest.mark.usefixtures("system")
def test_a_camera_is_found_by_its_id_and_aliases(asked: str, found: str) -> None:
    assert Catalogue().resolve(asked).device_id == found


@pytest.mark.parametrize("asked", ["camera-2", "camera--1", "camera-", "camera-99999", "v4l2:", "test:", "/dev/video0"])
@pytest.mark.usefixtures("system")
def test_an_unknown_camera_is_an_error_that_lists_those_there_are(asked: str) -> None:
    with pytest.raises(CameraNotFoundError) as caught:
        Catalogue().resolve(asked)
    assert caught.value.details == {"available": ["v4l2:one", "v4l2:two", "test:pattern"]}


def test_without_a_camera_the_alias_does_not_mean_the_test_pattern(system: list[Device]) -> None:
    system.clear()
    with pytest.raises(CameraNotFoundError):
        Catalogue().resolve("camera-0")


@pytest.mark.parametrize("asked", ["file:/etc/passwd", "rtsp://127.0.0.1/stream"])
def test_sources_are_refused_that_nobody_allowed(asked: str) -> None:
    with pytest.raises(SourceNotAllowedError):
        Catalogue().resolve(asked)


def test_opening_a_camera_that_is_gone_lists_those_there_are(system: list[Device]) -> None:
    gone = Device("v4l2:gone", "Gone", "Gone", "camera", True, (), "linux", "/dev/video-that-is-gone")
    for backend in ("pyav", "opencv"):
        with pytest.raises(CameraNotFoundError) as caught:
            Catalogue(backend=backend).open(gone, RequestedFormat())
        assert caught.value.details == {"available": [*ids(system), "test:pattern"]}


def test_the_test_pattern_opens_at_the_nearest_format() -> None:
    catalogue = Catalogue()
    camera = catalogue.open(catalogue.resolve("test:pattern"), RequestedFormat(321, 181, 200))
    camera.close()
    assert (camera.format.width, camera.format.height, camera.format.fps) == (320, 180, 120.0)


def test_the_test_pattern_needs_no_permission() -> None:
    catalogue = Catalogue()
    assert catalogue.permission_status(catalogue.resolve("test:pattern")) == ("granted", None)


@pytest.mark.usefixtures("system")
def test_a_source_that_the_command_line_names_is_listed_behind_the_cameras() -> None:
    catalogue = Catalogue(["rtsp://10.0.0.1/main", "rtsp://10.0.0.*", "file:/videos/*"])
    assert ids(catalogue.list()) == ["v4l2:one", "v4l2:two", "rtsp://10.0.0.1/main", "test:pattern"]
    assert catalogue.resolve("camera-2").kind == "rtsp"


def test_there_are_as_many_test_pictures_as_somebody_wants_to_try_and_one_is_listed() -> None:
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
