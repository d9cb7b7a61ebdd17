"""Calls into cameras' drivers: each within its limit, and those that never come back are counted."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from sidecar.blocking import Threads, in_thread
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, RequestedFormat
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, EncoderFailedError, LimitExceededError
from sidecar.contract.types import PermissionStatus
from sidecar.limits import IMPORT_TIMEOUT, MAX_CAMERAS, OPEN_TIMEOUT, QUERY_TIMEOUT, STOP_TIMEOUT
from sidecar.media.h264.levels import level_for

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.capture import CaptureThread

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_LEFT_BEHIND: Final = 3
"""Threads that may hang in the driver of one camera; each keeps its stack and the driver's buffers for ever."""

MAX_QUERIES: Final = 8
"""Questions to the system at a time, and as many to file systems. Each takes some milliseconds, or never ends."""

MAX_OPENING: Final = 2 * MAX_CAMERAS
"""Cameras that are being opened, those included whose driver or file system never answers."""


class DriverHangsError(CameraFailedError):
    """So many threads hang in the driver of this camera that no other is risked."""

    default_hint = "Unplug the camera and plug it in again; if that does not help, restart the computer."


class Drivers:
    """Lists, opens and releases cameras through the catalogue; never blocks, and never waits for ever."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._opening: set[tuple[Hashable, str]] = set()  # key and address, also of those that hang
        self._left_behind: dict[Hashable, list[CaptureThread]] = {}
        self._queries = Threads("camera queries", MAX_QUERIES)
        self._file_queries = Threads("file queries", MAX_QUERIES)

    async def available(self) -> tuple[Device, ...]:
        """Every camera that can be opened, the test pattern last."""
        return await _ask(self._queries, self._catalogue.list)

    async def resolve(self, device_id: str, *, asks_formats: bool = True) -> Device:
        """The camera of this id or alias. Raises CameraNotFoundError, SourceNotAllowedError.

        With `asks_formats` false it may come without formats, sooner.
        """
        found = self._catalogue.resolve_by_text(device_id)
        if found is not None:
            return found
        threads = self._file_queries if self._catalogue.touches_files(device_id) else self._queries
        found = await _ask(threads, lambda: self._catalogue.resolve(device_id, asks_formats=asks_formats))
        if found.kind == "file" and found.source is None:  # by its place in the list
            return await self.resolve(found.device_id)
        return found

    async def fingerprint(self) -> object:
        """Something that differs when a camera came or went; much cheaper than `available`."""
        return await _ask(self._queries, self._catalogue.fingerprint)

    async def permission(self, device: Device | None) -> tuple[PermissionStatus, str | None]:
        """The system's permission status (contract, PermissionStatus) and a hint."""
        return await _ask(self._queries, lambda: self._catalogue.permission_status(device))

    async def open(self, device: Device, wanted: RequestedFormat) -> Camera:
        """The camera, open at the format nearest to `wanted`, which an H.264 level allows.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError, EncoderFailedError.
        """
        await self._prepare(device)
        call = (device.key, device.address)
        self._check_hanging(device)
        self._opening.add(call)

        def open_camera() -> Camera:
            try:
                return self._catalogue.open(device, wanted)
            finally:
                self._opening.discard(call)

        try:
            camera = await in_thread(open_camera, OPEN_TIMEOUT, late=lambda camera: camera.close())
        except TimeoutError:
            raise CameraFailedError(f"{device.name} did not open within {OPEN_TIMEOUT:g} s") from None
        try:
            level_for(camera.format.width, camera.format.height, camera.format.fps)
        except EncoderFailedError:
            # Told now, to whoever asked for it, not to the first viewer by a camera that fails.
            with contextlib.suppress(TimeoutError):
                await in_thread(camera.close, STOP_TIMEOUT)
            raise
        return camera

    async def _prepare(self, device: Device) -> None:
        """Imports count for themselves: a driver's time limit begins when it is called."""
        try:
            await in_thread(lambda: self._catalogue.prepare(device), IMPORT_TIMEOUT)
        except TimeoutError:
            raise CameraFailedError(f"what reads {device.name} was not imported within {IMPORT_TIMEOUT:g} s") from None

    async def open_again(self, lost: Device, wanted: RequestedFormat) -> tuple[Device, Camera]:
        """The same camera, wherever it is by now, under the id that it had. Raises as `open`.

        What it offers is taken for what it was: to ask may take seconds on a slow machine. When it does not open then,
        it is asked.
        """
        found = await self._find_again(lost, asks_formats=False)
        if not found.formats and lost.formats:
            as_before = replace(found, device_id=lost.device_id, formats=lost.formats)
            with contextlib.suppress(CameraFailedError):
                return as_before, await self.open(as_before, wanted)
            found = await self._find_again(lost, asks_formats=True)
        device = replace(found, device_id=lost.device_id)
        return device, await self.open(device, wanted)

    async def release(self, device: Device, capture: CaptureThread) -> None:
        """End a capture thread and release its camera; one that hangs is left behind after STOP_TIMEOUT twice."""
        if capture in self._left_behind.get(device.key, []):
            return
        with contextlib.suppress(TimeoutError):
            if await in_thread(lambda: capture.stop(STOP_TIMEOUT), 2 * STOP_TIMEOUT + 0.5):
                return
        self._left_behind.setdefault(device.key, []).append(capture)
        if capture.is_calculating:
            log.info("%s: a picture is still decoded; then the camera is released", device.device_id)
        else:
            log.warning("%s: the driver hangs; its thread was left behind", device.device_id)

    async def _find_again(self, lost: Device, *, asks_formats: bool) -> Device:
        if lost.source is not None:  # its id may stand for a login that only this device knows
            return lost
        for known_as in (lost.device_id, *lost.aliases):
            with contextlib.suppress(CameraNotFoundError):
                found = await self.resolve(known_as, asks_formats=asks_formats)
                # Another camera may stand in its place on the bus; one that has an id of its own is not the lost one.
                if known_as == lost.device_id or (found.device_id == known_as and found.name == lost.name):
                    return found
        raise CameraNotFoundError(f"{lost.name} is not there.", hint="Plug the camera in again.")

    def _check_hanging(self, device: Device) -> None:
        if len(self._opening) >= MAX_OPENING:
            message = f"{MAX_OPENING} cameras are being opened and do not answer"
            raise LimitExceededError(message, details={"limit": "openings", "maximum": MAX_OPENING})
        alive = [thread for thread in self._left_behind.pop(device.key, []) if thread.is_alive]
        if alive:
            self._left_behind[device.key] = alive
        opening = sum(key == device.key for key, _ in self._opening)
        if len(alive) + opening >= MAX_LEFT_BEHIND:
            raise DriverHangsError(f"The driver of {device.name} does not answer any more.")
        if (device.key, device.address) in self._opening:
            raise CameraFailedError(f"the driver of {device.name} does not answer")


async def _ask(threads: Threads, call: Callable[[], T]) -> T:
    try:
        return await threads.run(call, QUERY_TIMEOUT)
    except TimeoutError:
        raise CameraFailedError(f"The system did not answer within {QUERY_TIMEOUT:g} s.") from None
