"""macOS: AVFoundation devices through libavdevice, and the privacy settings."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.platform import Permission, Platform
from sidecar.contract.types import PermissionStatus

if TYPE_CHECKING:
    from av.container import InputContainer

HINTS: dict[PermissionStatus, str] = {
    "denied": "Allow this app under System Settings, Privacy & Security, Camera, then start it again.",
    "restricted": "This Mac's administrator does not allow cameras.",
    "not_determined": "macOS asks for permission when the camera is opened.",
}
STATUSES: tuple[PermissionStatus, ...] = ("not_determined", "restricted", "denied", "granted")
"""AVAuthorizationStatus, by number."""


class MacOS(Platform):
    """The cameras of macOS. The permission counts for all cameras of an app together."""

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        from sidecar.cameras.libavdevice import video_inputs
        from sidecar.cameras.macos.avfoundation import devices

        return devices(video_inputs("avfoundation"))

    def fingerprint(self) -> object:
        from sidecar.cameras.libavdevice import video_inputs

        return tuple(video_inputs("avfoundation"))

    def permission(self, cameras: Sequence[Device]) -> Permission:
        number = _authorization_status()
        if number is None or not 0 <= number < len(STATUSES):
            return "unknown", None
        status = STATUSES[number]
        return status, HINTS.get(status)

    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        from sidecar.cameras.macos.avfoundation import open_container

        return open_container(device.address, requested)


def _authorization_status() -> int | None:
    """Return [AVCaptureDevice authorizationStatusForMediaType:AVMediaTypeVideo], or None without AVFoundation."""
    try:
        ctypes.CDLL("/System/Library/Frameworks/AVFoundation.framework/AVFoundation")
        runtime = ctypes.CDLL("/usr/lib/libobjc.dylib")
    except OSError:
        return None
    runtime.objc_getClass.restype = runtime.sel_registerName.restype = ctypes.c_void_p
    runtime.objc_getClass.argtypes = runtime.sel_registerName.argtypes = [ctypes.c_char_p]
    send = ctypes.cast(runtime.objc_msgSend, ctypes.c_void_p).value
    if send is None:
        return None
    send_text = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(send)
    send_object = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(send)
    string, device = runtime.objc_getClass(b"NSString"), runtime.objc_getClass(b"AVCaptureDevice")
    video = send_text(string, runtime.sel_registerName(b"stringWithUTF8String:"), b"vide")
    return int(send_object(device, runtime.sel_registerName(b"authorizationStatusForMediaType:"), video))
