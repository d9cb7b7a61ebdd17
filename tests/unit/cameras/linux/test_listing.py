"""Ids of V4L2 devices, from a sysfs made for the test, and who holds a device."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

if sys.platform == "linux":
    from sidecar.cameras.device import Format
    from sidecar.cameras.linux import listing as listing_linux
    from sidecar.cameras.linux import v4l2
    from sidecar.cameras.linux.holders import held_by_us, holder_of, own_descriptors
    from sidecar.cameras.linux.listing import Node, devices_of, ids_of
    from sidecar.cameras.linux.v4l2 import Identity
    from sidecar.cameras.platform import Holder
else:
    pytest.skip("V4L2 is Linux's", allow_module_level=True)

assert sys.platform == "linux"


@pytest.fixture
def sysfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    monkeypatch.setattr(listing_linux, "SYSFS", folder)
    return folder


def plug(sysfs: Path, name: str, port: str, serial: str | None, *, index: int = 0) -> Node:
    """A USB camera as sysfs shows it, listed as /dev/`name`."""
    interface = sysfs.parent / f"devices/pci0000:00/0000:00:14.0/usb1/1-{port}/1-{port}:1.0"
    interface.mkdir(parents=True, exist_ok=True)
    attributes = {"idVendor": "046d", "idProduct": "0825", "devpath": port}
    if serial is not None:
        attributes["serial"] = serial
    for attribute, value in attributes.items():
        (interface.parent / attribute).write_text(value + "\n")
    (interface / "bInterfaceNumber").write_text("00\n")
    node = sysfs / name
    node.mkdir()
    (node / "index").write_text(f"{index}\n")
    (node / "name").write_text("C270: Webcam\n")
    (node / "device").symlink_to(interface)
    path = Path("/dev") / name
    identity = Identity("uvcvideo", "C270: Webcam", f"usb-0000:00:14.0-{port}", captures_video=True)
    return Node(path, identity, *ids_of(path, identity), is_available=True, formats=())


def device_ids(*nodes: Node) -> dict[str, str]:
    return {device.address: device.device_id for device in devices_of(nodes)}


def test_a_serial_number_makes_the_id_survive_another_port_and_another_index(sysfs: Path) -> None:
    before = plug(sysfs, "video0", "3", "A1B2")
    after = plug(sysfs, "video7", "5.1", "A1B2")
    assert device_ids(before)["/dev/video0"] == device_ids(after)["/dev/video7"] == "v4l2:046d:0825:A1B2:00:0"


def test_without_a_serial_number_the_port_makes_the_id(sysfs: Path) -> None:
    before = plug(sysfs, "video0", "3", None)
    after = plug(sysfs, "video7", "3", None)
    assert device_ids(before)["/dev/video0"] == device_ids(after)["/dev/video7"] == "v4l2:usb-0000:00:14.0-3:0"


def test_equal_cameras_get_different_ids(sysfs: Path) -> None:
    twins = [plug(sysfs, "video0", "3", "0001"), plug(sysfs, "video2", "4", "0001")]
    assert device_ids(*twins) == {
        "/dev/video0": "v4l2:usb-0000:00:14.0-3:0",
        "/dev/video2": "v4l2:usb-0000:00:14.0-4:0",
    }


def test_a_camera_with_a_serial_number_is_known_by_its_port_too(sysfs: Path) -> None:
    (device,) = devices_of([plug(sysfs, "video0", "3", "A1B2")])
    assert device.aliases == ("v4l2:usb-0000:00:14.0-3:0",)
    assert device.name == "C270"


def test_cameras_that_cannot_be_told_apart_still_get_different_ids(sysfs: Path) -> None:
    node = plug(sysfs, "video0", "3", None)
    other = Node(Path("/dev/video1"), node.identity, node.bus_id, None, is_available=True, formats=())
    assert device_ids(node, other) == {
        "/dev/video0": "v4l2:usb-0000:00:14.0-3:0",
        "/dev/video1": "v4l2:usb-0000:00:14.0-3:0#2",
    }


def test_odd_characters_do_not_get_into_an_id(sysfs: Path) -> None:
    node = plug(sysfs, "video0", "3", "A B/é")
    assert device_ids(node)["/dev/video0"] == "v4l2:046d:0825:A_B__:00:0"


def test_a_program_that_holds_a_file_is_named(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    assert holder_of(str(device)) is None
    script = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(device)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        holder = holder_of(str(device))
        assert holder == Holder(Path(f"/proc/{process.pid}/comm").read_text().strip(), process.pid)
        process.communicate()
    assert holder_of(str(device)) is None


def test_this_process_s_own_descriptors_are_known_and_it_is_no_holder(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    descriptor = os.open(device, os.O_RDONLY)
    try:
        assert own_descriptors(str(device)) == {descriptor}
        assert held_by_us(str(device))
        assert holder_of(str(device)) is None
    finally:
        os.close(descriptor)
    assert not held_by_us(str(device))


def test_a_descriptor_that_only_asks_does_not_count_as_holding(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    with v4l2.opened(str(device)) as descriptor:
        assert not held_by_us(str(device))
        library = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        assert own_descriptors(str(device)) == {library} != {descriptor}
        os.close(library)


def test_a_camera_whose_opening_hangs_hides_no_other_and_stays_listed_as_taken(
    sysfs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_linux, "DEV", tmp_path)
    nodes = {}
    for number in (0, 2):
        (tmp_path / f"video{number}").touch()
        nodes[f"video{number}"] = plug(sysfs, f"video{number}", str(number + 1), None)
    monkeypatch.setattr(listing_linux, "_ask_node", lambda path, asks_formats: replace(nodes[path.name], path=path))
    assert [device.is_available for device in listing_linux.list_cameras()] == [True, True]
    with listing_linux.calling(str(tmp_path / "video0")):
        assert [device.is_available for device in listing_linux.list_cameras()] == [True, True], "it is just slow"
        monkeypatch.setattr(listing_linux, "HANGS_AFTER", 0.0)
        listed = listing_linux.list_cameras()
    assert [device.is_available for device in listed] == [False, True]
    assert [device.device_id for device in listed] == ["v4l2:usb-0000:00:14.0-1:0", "v4l2:usb-0000:00:14.0-3:0"]


def test_two_listings_at_once_ask_a_new_device_for_its_formats_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), threading.Event()
    asks: list[int] = []

    def ask(descriptor: int) -> tuple[Format, ...]:
        asks.append(descriptor)
        asked.set()
        go_on.wait(10)
        return ()

    monkeypatch.setattr(listing_linux, "_ask_formats", ask)
    monkeypatch.setattr(listing_linux, "ASKING_TIMEOUT", 10.0)
    device = tmp_path / "video9"
    device.touch()
    with v4l2.opened(str(device)) as descriptor:
        listings = [threading.Thread(target=listing_linux._formats, args=(device, descriptor)) for _ in range(2)]
        for listing in listings:
            listing.start()
        assert asked.wait(10)
        go_on.set()
        for listing in listings:
            listing.join(10)
    assert len(asks) == 1


def test_a_device_that_may_not_be_asked_is_listed_without_formats_until_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = (Format(640, 480, 30.0, "yuyv422"),)
    monkeypatch.setattr(listing_linux, "_ask_formats", lambda descriptor: offered)
    device = tmp_path / "video9"
    device.touch()
    with v4l2.opened(str(device)) as descriptor:
        assert listing_linux._formats(device, descriptor, asks=False) == ()
        assert listing_linux._formats(device, descriptor) == offered
        assert listing_linux._formats(device, descriptor, asks=False) == offered
