"""Every camera that can be opened, by its device_id; and the table of the kinds of cameras."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.platform import Permission, Platform
from sidecar.cameras.policy import RtspPolicy
from sidecar.cameras.providers.files import Files
from sidecar.cameras.providers.network import NetworkCameras
from sidecar.cameras.providers.provider import Provider, SourceProvider, UnknownCameraError
from sidecar.cameras.providers.system import Backend, SystemCameras
from sidecar.cameras.providers.test_patterns import TestPatterns
from sidecar.cameras.sources.syntax import OtherSchemeError, scheme_of
from sidecar.contract.errors import CameraNotFoundError, SourceNotAllowedError
from sidecar.contract.types import CameraKind

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.sources.allowed import AllowedSources

_POSITION = re.compile(r"camera-(\d{1,4})")
"""An alias: the position of a camera in the list."""

_PLAIN_ID = re.compile(r"[\w.:-]{1,128}")
"""An id that an error may quote: it holds no login and forges no line."""


def providers(
    backend: Backend, platform: Platform | None, allowed: Callable[[], AllowedSources], rtsp: RtspPolicy
) -> dict[CameraKind, Provider]:
    """Return the table of the kinds of cameras, in the order of the list."""
    return {
        "camera": SystemCameras(backend, platform),
        "file": Files(allowed),
        "rtsp": NetworkCameras(allowed, rtsp),
        "test": TestPatterns(),
    }


class Catalogue:
    """Lists, finds and opens cameras. Every method blocks, for some seconds where a driver is slow; thread-safe."""

    def __init__(
        self,
        allowed_sources: Sequence[str] = (),
        backend: Backend = "auto",
        platform: Platform | None = None,
        rtsp: RtspPolicy | None = None,
    ) -> None:
        """`platform` is this process's platform by default; tests give another one.

        Raises SourceSyntaxError for a malformed pattern in `allowed_sources`.
        """
        self._patterns = tuple(allowed_sources)
        self._providers = providers(backend, platform, lambda: self._sources, rtsp or RtspPolicy())
        self._named = self._sources.named if self._patterns else ()

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        """Return the system's cameras in a steady order, the sources named on the command line, and the test pattern.

        No camera is turned on. Without `asks_formats` a camera that has just been plugged in may be listed without
        formats.
        """
        *others, last = (provider.list(asks_formats=asks_formats) for provider in self._providers.values())
        return (*(device for devices in others for device in devices), *map(self._listed, self._named), *last)

    def fingerprint(self) -> object:
        """Return a value that changes when a camera is plugged in or out; much cheaper than `list`."""
        return tuple(provider.fingerprint() for provider in self._providers.values())

    def resolve_by_text(self, device_id: str) -> Device | None:
        """Return the camera of an id that its text alone resolves; None for an id that needs `resolve`.

        Never blocks. Raises SourceNotAllowedError for an id that its text alone refuses.
        """
        provider = self._owner(device_id)
        return provider.resolve_by_text(device_id) if provider is not None else None

    def resolve(self, device_id: str, *, asks_formats: bool = True) -> Device:
        """Return the camera of this id or alias: camera-0 is the first in the list. `asks_formats` as in `list`.

        A file that is found by an alias is returned as listed, without its source: resolve its id to open it.
        Raises CameraNotFoundError; SourceNotAllowedError for file: and rtsp: sources that no pattern allows.
        """
        provider = self._owner(device_id)
        if provider is not None:
            return provider.resolve(device_id)
        devices = self.list(asks_formats=asks_formats)
        device = _find(device_id, devices)
        if device is None:
            raise _not_found(device_id, devices)
        return device

    def touches_files(self, device_id: str) -> bool:
        """Return whether `resolve` waits for a file system, which may be on a server that does not answer."""
        provider = self._owner(device_id)
        return provider is not None and provider.touches_files

    def has_fixed_format(self, device: Device) -> bool:
        """Return whether a camera has one format, which `open` cannot change."""
        return self._providers[device.kind].has_fixed_format

    def nearest_format(self, device: Device, requested: RequestedFormat) -> Format | None:
        """Return the format that `open` would choose; None when only the opening shows it. Never blocks."""
        return self._providers[device.kind].nearest_format(device, requested)

    def stall_limit(self, device: Device) -> float:
        """Return the seconds without a frame after which the camera counts as lost."""
        return self._providers[device.kind].stall_limit

    def prepare(self, device: Device) -> None:
        """Import the modules that open this camera, which may take far longer than the opening itself."""
        self._providers[device.kind].prepare(device)

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        """Open a camera at the format nearest to `requested`, and wait for its first frame.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError.
        """
        try:
            return self._providers[device.kind].open(device, requested)
        except UnknownCameraError as error:
            raise _not_found(device.device_id, self.list()) from error

    def permission_status(self, device: Device | None) -> Permission:
        """Return the permission to use a camera (None: any camera of the system), and a hint if it is not granted."""
        return self._providers[_kind_of(device)].permission(device)

    def request_access(self, device: Device | None, limit: float) -> Permission:
        """Ask the user for a permission that is not determined; return it after `limit` seconds at most."""
        return self._providers[_kind_of(device)].request_access(device, limit)

    def _owner(self, device_id: str) -> Provider | None:
        """Return the provider of an id; None for an id or alias that only the list resolves.

        Raises SourceNotAllowedError for URLs of unsupported schemes.
        """
        try:
            scheme = scheme_of(device_id)
        except OtherSchemeError as error:
            raise SourceNotAllowedError("This kind of source is not supported.", hint=str(error)) from None
        return next((each for each in self._providers.values() if each.owns(device_id, scheme)), None)

    def _listed(self, device_id: str) -> Device:
        provider = self._owner(device_id)
        assert isinstance(provider, SourceProvider), "only sources are named on the command line"
        return provider.named(device_id)

    @cached_property
    def _sources(self) -> AllowedSources:
        """The allowed sources: parsed with the catalogue when there are patterns, else with the first source."""
        from sidecar.cameras.sources.allowed import AllowedSources  # not at a start without patterns

        return AllowedSources(self._patterns)


def _kind_of(device: Device | None) -> CameraKind:
    return device.kind if device is not None else "camera"


def _find(device_id: str, devices: Sequence[Device]) -> Device | None:
    for device in devices:
        if device_id == device.device_id:
            return device
    for device in devices:
        if device_id in device.aliases:
            return device
    cameras = devices[:-1]
    position = _POSITION.fullmatch(device_id)
    return cameras[int(position[1])] if position is not None and int(position[1]) < len(cameras) else None


def _not_found(device_id: str, devices: Sequence[Device]) -> CameraNotFoundError:
    name = repr(device_id) if _PLAIN_ID.fullmatch(device_id) else "with this id"
    return CameraNotFoundError(
        f"There is no camera {name}.", details={"available": [device.device_id for device in devices]}
    )
