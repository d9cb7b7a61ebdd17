"""The cameras of a Linux system, from V4L2 and sysfs."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sidecar.cameras.device import Device, Format
from sidecar.cameras.linux import formats, holders, sysfs, v4l2

assert sys.platform == "linux"

T = TypeVar("T")
NodeKey = tuple[str, int, int]
"""The name, inode number and change time of a device node; a node that is plugged in again has another key."""

DEV = Path("/dev")

HANGS_AFTER = 8.0
"""Seconds after which this process's call into a driver counts as hanging; slow webcams take 3 s."""

FORMATS_TIMEOUT = 2.0
"""Seconds that a listing waits while another thread queries the formats of a new device, of which there may be
hundreds."""


@dataclass(frozen=True, slots=True)
class Node:
    """A device node with its ids: one from the bus, and one from the serial number, if the device has a number."""

    path: Path
    identity: v4l2.Identity
    bus_id: str
    serial_id: str | None
    is_available: bool
    formats: tuple[Format, ...]


class Listing:
    """Lists device nodes, and remembers nodes, formats and calls that have not returned. Thread-safe."""

    def __init__(
        self,
        attributes: sysfs.Sysfs | None = None,
        dev: Path = DEV,
        *,
        hangs_after: float = HANGS_AFTER,
        formats_timeout: float = FORMATS_TIMEOUT,
    ) -> None:
        self.hangs_after = hangs_after
        self._sysfs = attributes or sysfs.Sysfs()
        self._dev = dev
        self._formats_timeout = formats_timeout
        self._calls: dict[object, tuple[str, float]] = {}  # the device and the start time of each call into a driver
        self._nodes: dict[NodeKey, Node] = {}
        self._formats: dict[NodeKey, tuple[Format, ...]] = {}
        self._querying_formats = threading.Lock()

    def cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        """Return every video capture device, by its place on the bus. Each is opened for a moment, none is started.

        The formats of a new device node are queried with up to a thousand calls into its driver. Without `asks_formats`
        the new device is listed without formats.
        """
        found = (self._node(path, asks_formats=asks_formats) for path in self._paths())
        return devices_of([node for node in found if node is not None])

    def fingerprint(self) -> object:
        """Return a value that changes when a node is created, removed, or gets other permissions. Opens no node."""
        found = []
        for path in self._paths():
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((path.name, status.st_rdev, status.st_ino, status.st_ctime_ns))
        return tuple(found)

    @contextlib.contextmanager
    def calling(self, path: str) -> Iterator[None]:
        """Register a call into the driver of a device for the time of the `with` block; the call may never return."""
        call = object()
        self._calls[call] = path, time.monotonic()
        try:
            yield
        finally:
            del self._calls[call]

    def query_node(self, path: Path, *, asks_formats: bool) -> Node | None:
        """Open the device node for a moment; return None when it was removed or is not a capture device."""
        ours = holders.held_by_us(str(path))
        try:
            with v4l2.opened(str(path)) as descriptor:
                identity = v4l2.identity(descriptor)
                if not identity.captures_video:
                    return None
                available = ours or not v4l2.is_busy(descriptor)
                offered = self.formats_of(path, descriptor, asks=asks_formats)
                return Node(path, identity, *self._sysfs.ids_of(path, identity), available, offered)
        except PermissionError:
            return self._forbidden_node(path)
        except OSError:
            return None

    def query_formats(self, descriptor: int) -> tuple[Format, ...]:
        """Return the formats of an open device, from its driver."""
        return formats.query_formats(descriptor)

    def formats_of(self, path: Path, descriptor: int, *, asks: bool = True) -> tuple[Format, ...]:
        """Return the formats of an open device. They are queried once for each new node, and only with `asks`."""
        key = _key(path, os.fstat(descriptor))
        known = self._formats.get(key)
        if known is not None or not asks:
            return known or ()
        held = self._querying_formats.acquire(timeout=self._formats_timeout)
        try:
            offered = self._formats.get(key)
            if offered is None:
                offered = self.query_formats(descriptor)
                _remember(self._formats, key, offered)
            return offered
        finally:
            if held:
                self._querying_formats.release()

    def _paths(self) -> list[Path]:
        return [self._dev / name for name in self._sysfs.node_names()]

    def _node(self, path: Path, *, asks_formats: bool) -> Node | None:
        """Return the device node at `path`; None when it was removed or is not a capture device."""
        try:
            key = _key(path, path.stat())
        except OSError:
            return None
        if self._hangs(path):
            known = self._nodes.get(key)
            return replace(known, is_available=False) if known is not None else self._forbidden_node(path)
        with self.calling(str(path)):
            node = self.query_node(path, asks_formats=asks_formats)
        _remember(self._nodes, key, node)
        return node

    def _hangs(self, path: Path) -> bool:
        """Return whether a call into the driver hangs. A further call would hang too, and hide the other cameras."""
        longest = time.monotonic() - self.hangs_after
        return any(device == str(path) and since < longest for device, since in tuple(self._calls.values()))

    def _forbidden_node(self, path: Path) -> Node | None:
        """Return a device that this process may not open, from sysfs. An attempt to open it gives the reason."""
        identity = self._sysfs.identity_of(path)
        if identity is None:
            return None
        return Node(path, identity, *self._sysfs.ids_of(path, identity), is_available=False, formats=())


LISTING = Listing()
"""The listing of this process. Its memory serves all threads that list or open cameras."""


def devices_of(nodes: Sequence[Node]) -> tuple[Device, ...]:
    """Return the devices, each with a unique id."""
    nodes = sorted(nodes, key=lambda node: (node.bus_id, sysfs.number_of(node.path.name)))
    serials = Counter(node.serial_id for node in nodes)
    seen: Counter[str] = Counter()
    devices = []
    for node in nodes:
        seen[node.bus_id] += 1
        twin = f"#{seen[node.bus_id]}" if seen[node.bus_id] > 1 else ""
        own = replace(node, bus_id=node.bus_id + twin)
        devices.append(_device(own, unique_serial=serials[node.serial_id] == 1))
    return tuple(devices)


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
        index=sysfs.number_of(node.path.name),
        aliases=tuple(ids[1:]),
    )


def _key(path: Path, status: os.stat_result) -> NodeKey:
    return path.name, status.st_ino, status.st_ctime_ns


def _remember(memory: dict[NodeKey, T], key: NodeKey, value: T | None) -> None:
    """Store `value` for a device node, and drop the values of earlier nodes of the same name."""
    for stale in [known for known in tuple(memory) if known[0] == key[0]]:  # a copy: another thread may list, too
        memory.pop(stale, None)
    if value is not None:
        memory[key] = value
