"""The names, places and ids of V4L2 devices, from sysfs.

A camera's id is "v4l2:" with its USB vendor, product and serial number, and stays the same in another port. A camera
without a serial number, or with the serial number of another plugged-in camera, has the id "v4l2:" with its place on
the bus, which stays the same after a reboot and in the same port. Both forms open the camera while they are
unambiguous.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sidecar.cameras.linux import v4l2

assert sys.platform == "linux"

VIDEO_CLASS = Path("/sys/class/video4linux")


class Sysfs:
    """The attributes of device nodes, by the path of the node (/dev/video0)."""

    def __init__(self, video_class: Path = VIDEO_CLASS) -> None:
        self._class = video_class

    def node_names(self) -> list[str]:
        """Return the names of the video device nodes, by their number."""
        if not self._class.is_dir():
            return []
        return sorted((entry.name for entry in self._class.iterdir() if entry.name.startswith("video")), key=number_of)

    def ids_of(self, path: Path, identity: v4l2.Identity) -> tuple[str, str | None]:
        """Return the id from the bus, and the id from the serial number or None."""
        place = self._attribute(path, "index") or "0"
        bus_id = _as_id(identity.bus_info or identity.card, place)
        interface = self._interface(path)
        vendor, product, serial = (_read(interface.parent / name) for name in ("idVendor", "idProduct", "serial"))
        if not (vendor and product and serial):
            return bus_id, None
        number = _read(interface / "bInterfaceNumber") or "00"
        return bus_id, _as_id(vendor, product, serial, number, place)

    def identity_of(self, path: Path) -> v4l2.Identity | None:
        """Return the identity of a camera that this process may not open; None for a node that is not a camera.

        Only the first node of a camera counts: the other nodes mostly carry metadata, which sysfs does not show.
        """
        name = self._attribute(path, "name")
        if name is None or self._attribute(path, "index") not in (None, "0"):
            return None
        return v4l2.Identity("", name, self._bus_info(path), captures_video=True)

    def _bus_info(self, path: Path) -> str:
        """Return the place on the bus, for USB in the kernel's form of bus_info (usb_make_path)."""
        interface = self._interface(path)
        place = _read(interface.parent / "devpath")
        root = next((parent for parent in interface.parents if re.fullmatch(r"usb\d+", parent.name)), None)
        return f"usb-{root.parent.name}-{place}" if place and root else interface.name

    def _interface(self, path: Path) -> Path:
        return (self._class / path.name / "device").resolve()

    def _attribute(self, path: Path, name: str) -> str | None:
        return _read(self._class / path.name / name)


def number_of(name: str) -> int:
    """Return the number in the name of a device node; 0 for a name without one."""
    digits = name.removeprefix("video")
    return int(digits) if digits.isdigit() else 0


def _as_id(*parts: str) -> str:
    return "v4l2:" + ":".join(re.sub(r"[^A-Za-z0-9.:_-]", "_", part) for part in parts)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None
