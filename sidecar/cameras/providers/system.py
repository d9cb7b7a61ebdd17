"""Cameras of the operating system: webcams, capture cards and built-in cameras.

The backend "auto" is PyAV on every system. The processor time is about equal: 1280x720 MJPEG to yuv420p took 2.3 to
2.8 ms a frame with PyAV and 2.8 with OpenCV, raw formats are copied once by both. But PyAV reports the error number
when a camera does not open, and OpenCV reports none; PyAV keeps MJPEG's chroma, which OpenCV converts to BGR and
back; it holds back no frames (OpenCV's queue of four delivered a frame that was one second old after a stall); and it
takes native formats on macOS and cameras by their path on Windows, where OpenCV delivers BGR and opens a camera only by
its place in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.platform import Permission, Platform
from sidecar.cameras.platforms import current_platform
from sidecar.cameras.providers.provider import Provider, UnknownCameraError
from sidecar.contract.errors import CameraNotFoundError

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera

Backend = Literal["auto", "pyav", "opencv"]


class SystemCameras(Provider):
    """The cameras that the operating system lists."""

    stall_limit = 3.0  # webcams expose for half a second in the dark, and a USB reset takes one second

    def __init__(self, backend: Backend, platform: Platform | None = None) -> None:
        """`platform` is this process's platform by default; tests give another one."""
        self._backend = backend
        self._given = platform

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return self._platform.list_cameras(asks_formats=asks_formats)

    def fingerprint(self) -> object:
        return self._platform.fingerprint()

    def permission(self, device: Device | None) -> Permission:
        return self._platform.permission(self._one_or_all(device))

    def request_access(self, device: Device | None, limit: float) -> Permission:
        return self._platform.request_access(self._one_or_all(device), limit)

    def prepare(self, device: Device) -> None:
        self._opener()

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        try:
            return self._opener()(device, requested)
        except CameraNotFoundError as error:
            raise UnknownCameraError from error

    def _one_or_all(self, device: Device | None) -> Sequence[Device]:
        return [device] if device is not None else self._platform.list_cameras()

    def _opener(self) -> Callable[[Device, RequestedFormat], Camera]:
        if self._backend == "opencv":
            from sidecar.cameras import opencv

            return opencv.open_camera
        from sidecar.cameras import pyav

        return pyav.open_camera

    @cached_property
    def _platform(self) -> Platform:
        return self._given or current_platform()
