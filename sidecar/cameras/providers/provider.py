"""The interface between the catalogue and one kind of camera."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from sidecar.cameras.device import Device, Format, RequestedFormat, nearest_format
from sidecar.cameras.platform import Permission
from sidecar.cameras.sources.syntax import Scheme

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.sources.allowed import AllowedSources, Source


class UnknownCameraError(Exception):
    """No camera of this kind has the id; the catalogue answers with the ids that are listed."""


class Provider(ABC):
    """Lists, finds and opens the cameras of one kind. Every method may block for seconds; thread-safe."""

    stall_limit: ClassVar[float]
    """Seconds without a frame after which a camera of this kind counts as lost, whatever its driver reports."""

    touches_files: ClassVar[bool] = False
    """Whether `resolve` waits for a file system, which may be on a server that does not answer."""

    has_fixed_format: ClassVar[bool] = False
    """Whether a camera of this kind has one format, which `open` cannot change."""

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        """Return the cameras that are listed by themselves, in a steady order. No camera is turned on.

        Without `asks_formats` a camera that has just been plugged in may be listed without formats.
        """
        return ()

    def fingerprint(self) -> object:
        """Return a value that changes when `list` changes; much cheaper than `list`."""
        return None

    def owns(self, device_id: str, scheme: Scheme | None) -> bool:
        """Return whether `resolve` of this kind is responsible for the id. `scheme` is that of a URL."""
        return False

    def resolve_by_text(self, device_id: str) -> Device | None:
        """Return the camera of an id that its text alone resolves, None for all others. Never blocks.

        Raises SourceNotAllowedError for an id that its text alone refuses.
        """
        return None

    def resolve(self, device_id: str) -> Device:
        """Return the camera of an id that this kind owns. Raises CameraNotFoundError, SourceNotAllowedError."""
        raise UnknownCameraError(device_id)

    def permission(self, device: Device | None) -> Permission:
        """Return whether the system lets this process use the camera (None: any camera of this kind)."""
        return "granted", None

    def request_access(self, device: Device | None, limit: float) -> Permission:
        """Ask the user for a permission that is not determined; return it after `limit` seconds at most."""
        return self.permission(device)

    def nearest_format(self, device: Device, requested: RequestedFormat) -> Format | None:
        """Return the format that `open` would choose; None when only the opening shows it. Never blocks."""
        return nearest_format(device.formats, requested)

    @abstractmethod
    def prepare(self, device: Device) -> None:
        """Import the modules that `open` needs, which may take far longer than `open` itself."""

    @abstractmethod
    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        """Open a camera at the format nearest to `requested`, and wait for its first frame.

        Raises UnknownCameraError, CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError,
        CameraFailedError, SourceNotAllowedError.
        """


class SourceProvider(Provider):
    """Cameras with a URL. The command line decides which are allowed, and lists those that it names in full."""

    scheme: ClassVar[Scheme]
    has_fixed_format = True

    def __init__(self, allowed: Callable[[], AllowedSources]) -> None:
        """`allowed` returns the patterns of the command line; it parses them with its first call."""
        self._allowed = allowed

    def owns(self, device_id: str, scheme: Scheme | None) -> bool:
        return scheme == self.scheme

    @abstractmethod
    def named(self, device_id: str) -> Device:
        """Return a source that the command line names, as it is listed. Touches neither files nor the network."""

    def _device(self, device_id: str, name: str, source: Source | None = None) -> Device:
        return Device(
            device_id=device_id,
            name=name,
            description=name,
            kind=self.scheme,
            is_available=True,
            formats=(),
            platform=sys.platform,
            address="",
            source=source,
        )
