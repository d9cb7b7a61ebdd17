"""The ids of V4L2 devices in a sysfs of the test, and the holders of a device."""

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
    from sidecar.cameras.linux import v4l2
    from sidecar.cameras.linux.holders import held_by_us, holder_of, own_descriptors
    from sidecar.cameras.linux.listing import Listing, Node, devices_of
    from sidecar.cameras.linux.sysfs import Sysfs
    from sidecar.cameras.linux.v4l2 import Identity
    from sidecar.cameras.platform import Holder
else:
    pytest.skip("V4L2 is Linux's", allow_module_level=True)

assert sys.platform == "linux"


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    return folder


def plug(sysfs: Path, name: str, port: str, serial: str | None, *, index: int = 0) -> Node:
    """Plug in a USB camera, as sysfs shows it, and return its node /dev/`name`."""
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
    return Node(path, identity, *Sysfs(sysfs).ids_of(path, identity), is_available=True, formats=())


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


class ScriptedListing(Listing):
    """Lists the nodes of a test, and counts the queries for formats."""

    def __init__(self, sysfs: Path, dev: Path, nodes: dict[str, Node] | None = None) -> None:
        super().__init__(Sysfs(sysfs), dev, formats_timeout=10.0)
        self.nodes = nodes or {}
        self.offered: tuple[Format, ...] = ()
        self.asked = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.queries = 0

    def query_node(self, path: Path, *, asks_formats: bool) -> Node | None:
        return replace(self.nodes[path.name], path=path)

    def query_formats(self, descriptor: int) -> tuple[Format, ...]:
        self.queries += 1
        self.asked.set()
        self.go_on.wait(10)
        return self.offered


def test_a_camera_whose_opening_hangs_hides_no_other_and_stays_listed_as_taken(sysfs: Path, tmp_path: Path) -> None:
    nodes = {}
    for number in (0, 2):
        (tmp_path / f"video{number}").touch()
        nodes[f"video{number}"] = plug(sysfs, f"video{number}", str(number + 1), None)
    listing = ScriptedListing(sysfs, tmp_path, nodes)
    assert [device.is_available for device in listing.cameras()] == [True, True]
    with listing.calling(str(tmp_path / "video0")):
        assert [device.is_available for device in listing.cameras()] == [True, True], "it is just slow"
        listing.hangs_after = 0.0
        listed = listing.cameras()
    assert [device.is_available for device in listed] == [False, True]
    assert [device.device_id for device in listed] == ["v4l2:usb-0000:00:14.0-1:0", "v4l2:usb-0000:00:14.0-3:0"]


def test_two_concurrent_listings_query_the_formats_of_a_new_device_once(sysfs: Path, tmp_path: Path) -> None:
    listing = ScriptedListing(sysfs, tmp_path)
    listing.go_on.clear()
    device = tmp_path / "video9"
    device.touch()
    with v4l2.opened(str(device)) as descriptor:
        threads = [threading.Thread(target=listing.formats_of, args=(device, descriptor)) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert listing.asked.wait(10)
        listing.go_on.set()
        for thread in threads:
            thread.join(10)
    assert listing.queries == 1


def test_a_new_device_is_listed_without_formats_until_they_were_queried(sysfs: Path, tmp_path: Path) -> None:
    listing = ScriptedListing(sysfs, tmp_path)
    listing.offered = (Format(640, 480, 30.0, "yuyv422"),)
    device = tmp_path / "video9"
    device.touch()
    with v4l2.opened(str(device)) as descriptor:
        assert listing.formats_of(device, descriptor, asks=False) == ()
        assert listing.formats_of(device, descriptor) == listing.offered
        assert listing.formats_of(device, descriptor, asks=False) == listing.offered
