"""The cameras of a Linux system, from V4L2 and sysfs.

A camera's id is "v4l2:" and its USB vendor, product and serial number, so that it survives another port too. Without
a serial number, or when two of those plugged in share theirs, it is "v4l2:" and the place on the bus, which survives a
reboot and replugging into the same port. Both forms open the camera as long as they are unambiguous.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from sidecar.cameras.device import Device, Format
from sidecar.cameras.linux import holders, v4l2
from sidecar.media.pixel_formats import FRAME_FORMATS

assert sys.platform == "linux"

T = TypeVar("T")

SYSFS = Path("/sys/class/video4linux")
DEV = Path("/dev")

MAX_FORMATS = 512
"""Formats listed of one camera, those first that need no conversion; webcams have fewer than 200."""

STANDARD_SIZES = (
    (160, 120), (320, 180), (320, 240), (424, 240), (640, 360), (640, 480), (800, 600), (960, 540), (1024, 768),
    (1280, 720), (1280, 960), (1920, 1080), (2560, 1440), (3840, 2160),
)  # fmt: skip
STANDARD_RATES = (5, 10, 15, 20, 24, 25, 30, 50, 60, 90, 120)
"""What is listed of a driver that takes any size or rate within a range."""

PIXEL_FORMATS = {
    "YU12": "yuv420p", "YV12": "yuv420p", "422P": "yuv422p", "YUYV": "yuyv422", "UYVY": "uyvy422", "411P": "yuv411p",
    "YUV9": "yuv410p", "NV12": "nv12", "GREY": "gray", "Y16 ": "gray16le", "BGR3": "bgr24", "RGB3": "rgb24",
    "BGR4": "bgr0", "XR24": "bgr0", "RGBP": "rgb565le", "RGBO": "rgb555le", "MJPG": "mjpeg", "JPEG": "mjpeg",
    "H264": "h264",
}  # fmt: skip
"""FFmpeg's names of those pixel formats that libavdevice takes from V4L2 (libavdevice/v4l2-common.c)."""

HANGS_AFTER = 8.0
"""Seconds after which a call of ours into a device's driver counts as hanging; slow webcams take 3."""

_calls: dict[object, tuple[str, float]] = {}  # the device and since when, of each call into a driver
_seen: dict[tuple[str, int, int], Node] = {}
ASKING_TIMEOUT = 2.0
"""Seconds that one listing waits for another that asks a new device for its formats: there may be hundreds."""

_asking = threading.Lock()
_formats_of_node: dict[tuple[str, int, int], tuple[Format, ...]] = {}


@dataclass(frozen=True, slots=True)
class Node:
    """A device node and its ids: one from the bus, one from the serial number where there is one."""

    path: Path
    identity: v4l2.Identity
    bus_id: str
    serial_id: str | None
    is_available: bool
    formats: tuple[Format, ...]


def list_cameras(*, asks_formats: bool = True) -> tuple[Device, ...]:
    """Every V4L2 video capture device, by its place on the bus. Opens each for a moment; starts none.

    A device node that has just appeared is asked for its formats, with up to a thousand calls into its driver, unless
    `asks_formats` is false: then it is listed without.
    """
    found = (_node(path, asks_formats=asks_formats) for path in _paths())
    return devices_of([node for node in found if node is not None])


@contextlib.contextmanager
def calling(path: str) -> Iterator[None]:
    """Around a call into the driver of this device, which may never come back."""
    call = object()
    _calls[call] = path, time.monotonic()
    try:
        yield
    finally:
        del _calls[call]


def _hangs(path: Path) -> bool:
    """Whether a call into the driver does not come back. Another would not, either, and hide the other cameras."""
    longest = time.monotonic() - HANGS_AFTER
    return any(device == str(path) and since < longest for device, since in tuple(_calls.values()))


def devices_of(nodes: Sequence[Node]) -> tuple[Device, ...]:
    """The devices, with an id for each that no other has."""
    nodes = sorted(nodes, key=lambda node: (node.bus_id, _number(node.path)))
    serials = Counter(node.serial_id for node in nodes)
    seen: Counter[str] = Counter()
    devices = []
    for node in nodes:
        seen[node.bus_id] += 1
        twin = f"#{seen[node.bus_id]}" if seen[node.bus_id] > 1 else ""
        own = replace(node, bus_id=node.bus_id + twin)
        devices.append(_device(own, unique_serial=serials[node.serial_id] == 1))
    return tuple(devices)


def fingerprint() -> object:
    """Changes when a device node comes, goes, or changes its permissions. Opens nothing."""
    found = []
    for path in _paths():
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((path.name, status.st_rdev, status.st_ino, status.st_ctime_ns))
    return tuple(found)


def _paths() -> list[Path]:
    if not SYSFS.is_dir():
        return []
    return sorted((DEV / entry.name for entry in SYSFS.iterdir() if entry.name.startswith("video")), key=_number)


def _number(path: Path) -> int:
    digits = path.name.removeprefix("video")
    return int(digits) if digits.isdigit() else 0


def _node(path: Path, *, asks_formats: bool) -> Node | None:
    """What is at `path`; None when it is gone or takes no pictures."""
    try:
        status = path.stat()
    except OSError:
        return None
    key = (path.name, status.st_ino, status.st_ctime_ns)
    if _hangs(path):
        known = _seen.get(key)
        return replace(known, is_available=False) if known is not None else _forbidden_node(path)
    with calling(str(path)):
        node = _ask_node(path, asks_formats=asks_formats)
    _remember(_seen, key, node)
    return node


def _ask_node(path: Path, *, asks_formats: bool) -> Node | None:
    ours = holders.held_by_us(str(path))
    try:
        with v4l2.opened(str(path)) as descriptor:
            identity = v4l2.identity(descriptor)
            if not identity.captures_video:
                return None
            available = ours or not v4l2.is_busy(descriptor)
            formats = _formats(path, descriptor, asks=asks_formats)
            return Node(path, identity, *ids_of(path, identity), available, formats)
    except PermissionError:
        return _forbidden_node(path)
    except OSError:
        return None


def _forbidden_node(path: Path) -> Node | None:
    """A device that may not be opened, as far as sysfs tells; opening it says why it does not work.

    Nodes after a camera's first mostly carry metadata, and sysfs does not tell, so they are left out.
    """
    name = _attribute(SYSFS / path.name / "name")
    if name is None or _attribute(SYSFS / path.name / "index") not in (None, "0"):
        return None
    identity = v4l2.Identity("", name, _sysfs_place(path), captures_video=True)
    return Node(path, identity, *ids_of(path, identity), is_available=False, formats=())


def _device(node: Node, *, unique_serial: bool) -> Device:
    ids = [node.bus_id]
    if node.serial_id is not None and unique_serial:
        ids.insert(0, node.serial_id)
    name = node.identity.card.split(": ")[0] or node.path.name
    return Device(
        device_id=ids[0],
        name=name,
        description=f"{name} ({node.identity.bus_info})",
        kind="camera",
        is_available=node.is_available,
        formats=node.formats,
        platform="linux",
        address=str(node.path),
        index=_number(node.path),
        aliases=tuple(ids[1:]),
    )


def ids_of(path: Path, identity: v4l2.Identity) -> tuple[str, str | None]:
    """The id from the bus, and the one from the serial number where there is one."""
    place = _attribute(SYSFS / path.name / "index") or "0"
    bus_id = _as_id(identity.bus_info or identity.card, place)
    interface = (SYSFS / path.name / "device").resolve()
    vendor, product, serial = (_attribute(interface.parent / name) for name in ("idVendor", "idProduct", "serial"))
    if not (vendor and product and serial):
        return bus_id, None
    number = _attribute(interface / "bInterfaceNumber") or "00"
    return bus_id, _as_id(vendor, product, serial, number, place)


def _sysfs_place(path: Path) -> str:
    """The place on the bus without asking the device; for USB in the kernel's form of bus_info (usb_make_path)."""
    interface = (SYSFS / path.name / "device").resolve()
    place = _attribute(interface.parent / "devpath")
    root = next((parent for parent in interface.parents if re.fullmatch(r"usb\d+", parent.name)), None)
    return f"usb-{root.parent.name}-{place}" if place and root else interface.name


def _as_id(*parts: str) -> str:
    return "v4l2:" + ":".join(re.sub(r"[^A-Za-z0-9.:_-]", "_", part) for part in parts)


def _attribute(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None


def _formats(path: Path, descriptor: int, *, asks: bool = True) -> tuple[Format, ...]:
    """The formats of an open device, asked for once for each device node that appears; none when it may not ask."""
    status = os.fstat(descriptor)
    key = (path.name, status.st_ino, status.st_ctime_ns)
    known = _formats_of_node.get(key)
    if known is not None or not asks:
        return known or ()
    held = _asking.acquire(timeout=ASKING_TIMEOUT)
    try:
        formats = _formats_of_node.get(key)
        if formats is None:
            formats = _ask_formats(descriptor)
            _remember(_formats_of_node, key, formats)
        return formats
    finally:
        if held:
            _asking.release()


def _remember(memory: dict[tuple[str, int, int], T], key: tuple[str, int, int], thing: T | None) -> None:
    """Keep `thing` in the place of what another device node of this name was."""
    for stale in [known for known in tuple(memory) if known[0] == key[0]]:  # another thread may list, too
        memory.pop(stale, None)
    if thing is not None:
        memory[key] = thing


def _ask_formats(descriptor: int) -> tuple[Format, ...]:
    offered: dict[Format, None] = {}
    for fourcc in v4l2.fourccs(descriptor):
        pixel_format = PIXEL_FORMATS.get(fourcc)
        if pixel_format is None:
            continue
        for width, height in _sizes(descriptor, fourcc):
            for fps in _rates(descriptor, fourcc, width, height):
                offered[Format(width, height, fps, pixel_format)] = None
    by_use = sorted(offered, key=lambda offer: offer.pixel_format not in (*FRAME_FORMATS, "mjpeg"))
    return tuple(by_use[:MAX_FORMATS])


def _sizes(descriptor: int, fourcc: str) -> Iterator[tuple[int, int]]:
    for widths, heights in v4l2.frame_sizes(descriptor, fourcc):
        if widths.low == widths.high and heights.low == heights.high:
            yield int(widths.low), int(heights.low)
            continue
        for width, height in STANDARD_SIZES:
            if Fraction(width) in widths and Fraction(height) in heights:
                yield width, height


def _rates(descriptor: int, fourcc: str, width: int, height: int) -> Iterator[float]:
    for intervals in v4l2.frame_intervals(descriptor, fourcc, width, height):
        if intervals.low == intervals.high and intervals.low > 0:
            yield round(float(1 / intervals.low), 3)
            continue
        for rate in STANDARD_RATES:
            if intervals.low <= Fraction(1, rate) <= intervals.high:
                yield float(rate)
