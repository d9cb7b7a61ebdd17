"""Every camera that can be opened, by its device_id.

The backend "auto" is PyAV on every system. The processor time is level: 1280x720 MJPEG to yuv420p took 2.3 to 2.8 ms
a picture with PyAV and 2.8 with OpenCV, raw formats are copied once by both. But PyAV says why a camera does not
open, where OpenCV says only that it does not; it keeps MJPEG's chroma, which OpenCV turns to BGR and back; it holds
back no pictures (OpenCV's queue of four gave one a second old after a stall); and it takes native formats on macOS and
cameras by their path on Windows, where OpenCV gives BGR and knows only a camera's place in a list.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

from sidecar.cameras import listing
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.pattern.formats import FORMATS
from sidecar.cameras.permission import permission_of
from sidecar.cameras.sources.syntax import OtherSchemeError, Scheme, scheme_of
from sidecar.contract.errors import CameraNotFoundError, SourceNotAllowedError
from sidecar.contract.types import CameraKind, PermissionStatus

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.sources.allowed import AllowedSources, Source
    from sidecar.cameras.sources.file_path import FileSource
    from sidecar.cameras.sources.rtsp_url import RtspSource

Backend = Literal["auto", "pyav", "opencv"]

TEST_PATTERN = Device(
    device_id="test:pattern",
    name="Test picture",
    description="A built-in moving picture with the time in it, for trying out without a camera",
    kind="test",
    is_available=True,
    formats=FORMATS,
    platform=sys.platform,
    address="",
)
_PATTERN = re.compile(r"test:pattern-([2-9]|[1-9]\d)")
"""More of them, test:pattern-2 to test:pattern-99, for trying out many cameras; they are not listed."""

STALL_LIMITS: dict[CameraKind, float] = {"camera": 3.0, "file": 6.0, "rtsp": 15.0, "test": 30.0}
"""Seconds without a picture after which a camera counts as lost, whatever its driver says. Webcams expose for half a
second in the dark, and USB takes one to recover; between two pictures of a file 2 s may lie, and a disk; RTSP has time
limits of its own (5 s of silence), and cameras that send a keyframe every ten seconds; the test pattern cannot hang,
but its first picture imports what it is painted with."""

_ALIAS = re.compile(r"camera-(\d{1,4})")

_PLAIN_ID = re.compile(r"[\w.:-]{1,128}")
"""An id that an error may quote: it holds no login and forges no line."""


class Catalogue:
    """Lists, finds and opens cameras. Every method blocks, up to some seconds where a driver is slow; thread-safe."""

    def __init__(self, allowed_sources: Sequence[str] = (), backend: Backend = "auto") -> None:
        """Raises SourceSyntaxError for a pattern of `allowed_sources` that cannot be read."""
        self._patterns = tuple(allowed_sources)
        self._backend = backend
        self._named = self._sources.named if self._patterns else ()

    def list(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        """The system's cameras in a steady order, the sources that the command line names, then the test pattern.

        Turns no camera on. With `asks_formats` false a camera that has just appeared may be listed without formats.
        """
        cameras = listing.list_cameras(asks_formats=asks_formats)
        return (*cameras, *map(self._listed, self._named), TEST_PATTERN)

    def fingerprint(self) -> object:
        """Something that differs when a camera came or went; much cheaper than list()."""
        return listing.fingerprint()

    def resolve_by_text(self, device_id: str) -> Device | None:
        """Return the network camera of an rtsp: id; None for an id that `resolve` has to look up.

        Never blocks. Raises SourceNotAllowedError for sources that are refused by their text.
        """
        scheme = self._scheme_of(device_id)
        if scheme == "rtsp":
            return self._rtsp_device(self._sources.check_rtsp(device_id))
        if scheme == "file":
            self._sources.refuse_text(device_id)
        return None

    def resolve(self, device_id: str, *, asks_formats: bool = True) -> Device:
        """The camera of this id, or alias: camera-0 is the first listed. `asks_formats` as in `list`.

        A file that is found by an alias comes as it is listed, without its source: resolve its id to open it.
        Raises CameraNotFoundError, and SourceNotAllowedError for file: and rtsp: sources that no pattern allows.
        """
        if device_id == TEST_PATTERN.device_id:
            return TEST_PATTERN
        if pattern := _PATTERN.fullmatch(device_id):
            return replace(TEST_PATTERN, device_id=device_id, name=f"{TEST_PATTERN.name} {pattern[1]}")
        if (found := self.resolve_by_text(device_id)) is not None:
            return found
        if self.touches_files(device_id):
            return _file_device(device_id, self._sources.check_file(device_id))
        devices = self.list(asks_formats=asks_formats)
        device = _find(device_id, devices)
        if device is None:
            raise _not_found(device_id, devices)
        return device

    def touches_files(self, device_id: str) -> bool:
        """Whether `resolve` waits for a file system, which may be on a server that does not answer."""
        return self._scheme_of(device_id) == "file"

    def stall_limit(self, device: Device) -> float:
        """Return the seconds without a frame after which the camera counts as lost."""
        return STALL_LIMITS[device.kind]

    def prepare(self, device: Device) -> None:
        """Import what opens this camera, which may take far longer than the camera does."""
        if device.kind == "camera":
            self._opener()
        elif device.kind == "file":
            from sidecar.cameras.files import camera as files  # noqa: F401
        elif device.kind == "rtsp":
            from sidecar.cameras.rtsp import camera as rtsp  # noqa: F401

    def open(self, device: Device, requested: RequestedFormat) -> Camera:
        """Open a camera at the format nearest to `requested`, and wait until it gives pictures.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError.
        """
        if device.kind == "test":
            from sidecar.cameras.pattern.test_pattern import TestPattern

            return TestPattern(requested)
        if device.source is not None:
            return self._open_source(device.name, device.source)
        try:
            return self._opener()(device, requested)
        except CameraNotFoundError as error:
            raise _not_found(device.device_id, self.list()) from error

    def _open_source(self, name: str, source: Source) -> Camera:
        from sidecar.cameras.sources.rtsp_url import RtspSource

        if isinstance(source, RtspSource):
            from sidecar.cameras.rtsp.camera import open_camera

            return open_camera(name, source, self._sources.check_redirect)
        from sidecar.cameras.files.camera import open_file
        from sidecar.cameras.sources.opened_file import open_checked

        return open_file(name, partial(open_checked, source))

    def permission_status(self, device: Device | None) -> tuple[PermissionStatus, str | None]:
        """Whether the system lets this process use the camera (None: any camera), and what to do when it does not."""
        if device is not None and device.kind != "camera":
            return "granted", None
        return permission_of([device] if device is not None else listing.list_cameras())

    def _opener(self) -> Callable[[Device, RequestedFormat], Camera]:
        if self._backend == "opencv":
            from sidecar.cameras import opencv

            return opencv.open_camera
        from sidecar.cameras import pyav

        return pyav.open_camera

    def _listed(self, device_id: str) -> Device:
        """Return a source that the command line names, as it is listed: a file is not looked at."""
        if self._scheme_of(device_id) == "file":
            return _source_device(device_id, "file", re.split(r"[/\\]", device_id)[-1])
        return self._rtsp_device(self._sources.check_rtsp(device_id))

    @cached_property
    def _sources(self) -> AllowedSources:
        """The allowed sources: made with the catalogue where there are patterns, else with the first source."""
        from sidecar.cameras.sources.allowed import AllowedSources  # not at a start without patterns

        return AllowedSources(self._patterns)

    def _scheme_of(self, device_id: str) -> Scheme | None:
        """Return the scheme of a source, None for the id of a camera. Raises SourceNotAllowedError for other URLs."""
        try:
            return scheme_of(device_id)
        except OtherSchemeError as error:
            raise SourceNotAllowedError("There are no sources of this kind.", hint=str(error)) from None

    def _rtsp_device(self, source: RtspSource) -> Device:
        return _source_device(self._sources.id_of(source), "rtsp", f"rtsp://{source.place}", source)


def _file_device(device_id: str, source: FileSource) -> Device:
    return _source_device(device_id, "file", source.display, source)


def _source_device(device_id: str, kind: CameraKind, name: str, source: Source | None = None) -> Device:
    return Device(
        device_id=device_id,
        name=name,
        description=name,
        kind=kind,
        is_available=True,
        formats=(),
        platform=sys.platform,
        address="",
        source=source,
    )


def _find(device_id: str, devices: Sequence[Device]) -> Device | None:
    for device in devices:
        if device_id == device.device_id:
            return device
    for device in devices:
        if device_id in device.aliases:
            return device
    cameras = devices[:-1]
    alias = _ALIAS.fullmatch(device_id)
    return cameras[int(alias[1])] if alias is not None and int(alias[1]) < len(cameras) else None


def _not_found(device_id: str, devices: Sequence[Device]) -> CameraNotFoundError:
    name = repr(device_id) if _PLAIN_ID.fullmatch(device_id) else "with this id"
    return CameraNotFoundError(
        f"There is no camera {name}.", details={"available": [device.device_id for device in devices]}
    )
