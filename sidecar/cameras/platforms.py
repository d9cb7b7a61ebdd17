"""The platforms: one `Platform` for each operating system, in a folder of its own.

To add a platform, write a subclass in a new folder and name it in `current_platform`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.platform import Permission, Platform

if TYPE_CHECKING:
    from av.container import InputContainer


class OtherPlatform(Platform):
    """A system whose cameras are not supported; files, network cameras and the test pattern work on it."""

    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        return ()

    def fingerprint(self) -> object:
        return None

    def permission(self, cameras: Sequence[Device]) -> Permission:
        return "unknown", None

    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        raise NotImplementedError(f"cameras of {sys.platform} are not supported")


def current_platform() -> Platform:
    """Return the platform of this process. Its modules are imported with the first call."""
    if sys.platform == "linux":
        from sidecar.cameras.linux.platform import Linux

        return Linux()
    if sys.platform == "darwin":
        from sidecar.cameras.macos.platform import MacOS

        return MacOS()
    if sys.platform == "win32":
        from sidecar.cameras.windows.platform import Windows

        return Windows()
    return OtherPlatform()
