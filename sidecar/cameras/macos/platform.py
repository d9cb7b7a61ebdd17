"""macOS: AVFoundation devices through libavdevice, and the privacy settings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.macos.av_capture_device import AVCaptureDevice
from sidecar.cameras.macos.consent import CameraConsent, enclosing_app
from sidecar.cameras.node import OpeningNode
from sidecar.cameras.platform import Permission, Platform
from sidecar.contract.errors import CameraPermissionDeniedError

if TYPE_CHECKING:
    from av.container import InputContainer


class MacOS(Platform):
    """The cameras of macOS. The permission counts for all cameras of an app together."""

    def __init__(self, consent: CameraConsent | None = None) -> None:
        """`consent` is that of AVFoundation by default; tests give another one."""
        self._consent = consent or CameraConsent(AVCaptureDevice(), enclosing_app())

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        from sidecar.cameras.libavdevice import video_inputs
        from sidecar.cameras.macos.avfoundation import devices

        return devices(video_inputs("avfoundation"))

    def fingerprint(self) -> object:
        from sidecar.cameras.libavdevice import video_inputs

        return tuple(video_inputs("avfoundation"))

    def permission(self, cameras: Sequence[Device]) -> Permission:
        return self._consent.permission()

    def request_access(self, cameras: Sequence[Device], limit: float) -> Permission:
        return self._consent.request(limit)

    @contextlib.contextmanager
    def opening_node(self, address: str) -> Iterator[OpeningNode]:
        """Refuse to open for an app that does not state its use: macOS would end this process."""
        missing = self._consent.missing_usage()
        if missing is not None:
            raise CameraPermissionDeniedError("macOS does not let this app use cameras.", hint=missing)
        yield OpeningNode()

    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        from sidecar.cameras.macos.avfoundation import open_container

        return open_container(device.address, requested)
