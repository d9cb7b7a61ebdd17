"""Whether the system lets this process use cameras."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence

from sidecar.cameras.device import Device
from sidecar.cameras.diagnosis import LINUX_PERMISSION_HINT
from sidecar.contract.types import PermissionStatus

Permission = tuple[PermissionStatus, str | None]

MACOS_HINTS: dict[PermissionStatus, str] = {
    "denied": "Allow this app under System Settings, Privacy & Security, Camera, then start it again.",
    "restricted": "This Mac's administrator does not allow cameras.",
    "not_determined": "macOS asks for permission when the camera is opened.",
}
MACOS_STATUSES: tuple[PermissionStatus, ...] = ("not_determined", "restricted", "denied", "granted")
"""AVAuthorizationStatus, by number."""

WINDOWS_KEY = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
WINDOWS_HINT = "Turn on Settings, Privacy & security, Camera, Let desktop apps access your camera."


def permission_of(cameras: Sequence[Device]) -> Permission:
    """The status for these cameras, and a hint when it is not "granted"."""
    if sys.platform == "darwin":
        return _macos()
    if sys.platform == "win32":
        return _windows()
    return _linux(cameras)


def _linux(cameras: Sequence[Device]) -> Permission:
    """Each camera is a file with permissions; "denied" when none of those given may be opened."""
    if not cameras:
        return "unknown", "There is no camera: plug one in."
    effective = os.access in os.supports_effective_ids
    if any(os.access(camera.address, os.R_OK | os.W_OK, effective_ids=effective) for camera in cameras):
        return "granted", None
    return "denied", LINUX_PERMISSION_HINT


def _macos() -> Permission:
    number = _authorization_status()
    if number is None or not 0 <= number < len(MACOS_STATUSES):
        return "unknown", None
    status = MACOS_STATUSES[number]
    return status, MACOS_HINTS.get(status)


def _authorization_status() -> int | None:
    """[AVCaptureDevice authorizationStatusForMediaType:AVMediaTypeVideo], through the Objective-C runtime."""
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


def _windows() -> Permission:
    if sys.platform != "win32":
        return "unknown", None
    import winreg

    for key in (WINDOWS_KEY, WINDOWS_KEY + r"\NonPackaged"):
        for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            try:
                with winreg.OpenKey(hive, key) as opened:
                    value, _ = winreg.QueryValueEx(opened, "Value")
            except OSError:
                continue
            if value == "Deny":
                return "denied", WINDOWS_HINT
    return "granted", None
