"""Windows: DirectShow devices through libavdevice, and the privacy settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.platform import Permission, Platform

if TYPE_CHECKING:
    from av.container import InputContainer

CONSENT_KEY = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
HINT = "Turn on Settings, Privacy & security, Camera, Let desktop apps access your camera."


class Windows(Platform):
    """The cameras of Windows. The permission counts for all cameras together."""

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        from sidecar.cameras.libavdevice import video_inputs
        from sidecar.cameras.windows.dshow import devices

        return devices(video_inputs("dshow"))

    def fingerprint(self) -> object:
        from sidecar.cameras.libavdevice import video_inputs

        return tuple(video_inputs("dshow"))

    def permission(self, cameras: Sequence[Device]) -> Permission:
        """Return "denied" when the user or the administrator has switched cameras off for desktop apps."""
        if sys.platform != "win32":
            return "unknown", None
        import winreg

        for key in (CONSENT_KEY, CONSENT_KEY + r"\NonPackaged"):
            for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
                try:
                    with winreg.OpenKey(hive, key) as opened:
                        value, _ = winreg.QueryValueEx(opened, "Value")
                except OSError:
                    continue
                if value == "Deny":
                    return "denied", HINT
        return "granted", None

    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        from sidecar.cameras.libavdevice import open_nearest

        return open_nearest(f"video={device.address}", "dshow", device, requested, _pixel_format_options)


def _pixel_format_options(name: str) -> dict[str, str]:
    return {"vcodec": name} if name in ("mjpeg", "h264") else {"pixel_format": name}
