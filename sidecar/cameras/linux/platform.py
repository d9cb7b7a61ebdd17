"""Linux: V4L2 devices, with their permissions, holders and hot-plug events."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.linux import holders, listing, v4l2
from sidecar.cameras.node import OpeningNode
from sidecar.cameras.platform import DeviceEvents, Holder, Permission, Platform

if TYPE_CHECKING:
    from av.container import InputContainer

assert sys.platform == "linux"


class Linux(Platform):
    """The cameras of Linux. Each is a device node whose file permissions decide who may open it."""

    permission_hint = (
        "Add your user to the group that owns the camera (mostly: sudo usermod -aG video $USER), then log in again."
    )

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return listing.LISTING.cameras(asks_formats=asks_formats)

    def fingerprint(self) -> object:
        return listing.LISTING.fingerprint()

    def permission(self, cameras: Sequence[Device]) -> Permission:
        """Return "denied" when none of the cameras may be opened."""
        if not cameras:
            return "unknown", "There is no camera: plug one in."
        effective = os.access in os.supports_effective_ids
        if any(os.access(camera.address, os.R_OK | os.W_OK, effective_ids=effective) for camera in cameras):
            return "granted", None
        return "denied", self.permission_hint

    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        from sidecar.cameras.libavdevice import open_nearest

        return open_nearest(device.address, "v4l2", device, requested, lambda name: {"input_format": name})

    def device_events(self) -> DeviceEvents | None:
        from sidecar.cameras.linux.inotify import DeviceNodeEvents

        return DeviceNodeEvents()

    @contextlib.contextmanager
    def opening_node(self, address: str) -> Iterator[OpeningNode]:
        from sidecar.cameras.linux.opening import V4l2Opening

        with listing.LISTING.calling(address):
            yield V4l2Opening(address)

    def device_errno(self, address: str) -> int | None:
        try:
            with v4l2.opened(address) as descriptor:
                v4l2.identity(descriptor)
                return errno.EBUSY if v4l2.is_busy(descriptor) else None
        except OSError as error:
            return error.errno

    def holder_of(self, address: str) -> Holder | None:
        return holders.holder_of(address)
