"""The one owner of the cameras' drivers: every call into a driver has a time limit, and hanging calls are counted."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from sidecar.blocking import Threads, in_thread
from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, EncoderFailedError, LimitExceededError
from sidecar.contract.types import PermissionStatus
from sidecar.media.h264 import H264

if TYPE_CHECKING:
    from sidecar.cameras.camera import Camera
    from sidecar.cameras.capture import CaptureThread

log = logging.getLogger(__name__)

T = TypeVar("T")


class DriverHangsError(CameraFailedError):
    """The maximum number of threads hangs in the driver of this camera, so no other thread is started."""

    default_hint = "Unplug the camera and plug it in again; if that does not help, restart the computer."


class CameraInUse(Protocol):
    """A camera in use. `device` is current: a camera that was plugged in again may have another address."""

    device: Device


class Drivers:
    """Lists, finds, opens and releases cameras without blocking the event loop.

    The blocking calls of the catalogue run in threads, each within a limit of `policy`. Every method is called on the
    event loop's thread.
    """

    def __init__(self, catalogue: Catalogue, policy: CameraPolicy | None = None) -> None:
        self._catalogue = catalogue
        self.policy = policy or CameraPolicy()
        self._in_use: list[CameraInUse] = []
        self._opening: set[tuple[Hashable, str]] = set()  # key and address of each opening, hanging ones included
        self._hanging: dict[Hashable, list[CaptureThread]] = {}
        self._queries = Threads("camera queries", self.policy.max_queries)
        self._file_queries = Threads("file queries", self.policy.max_queries)
        self._consents = Threads("permission requests", self.policy.max_queries)

    # -- listing and finding ------------------------------------------------------------------------------------------

    async def available(self) -> tuple[Device, ...]:
        """Return every camera that can be opened, the test pattern last. Raises CameraFailedError."""
        return await self._ask(self._queries, self._catalogue.list)

    async def fingerprint(self) -> object:
        """Return a value that changes when a camera is plugged in or out; much cheaper than `available`."""
        return await self._ask(self._queries, self._catalogue.fingerprint)

    async def resolve(self, device_id: str) -> Device:
        """Return the camera with this id or alias; a camera in use takes precedence.

        Only a camera in use is known by a numbered id: the ids of two logins of one network camera look alike.
        Raises CameraNotFoundError, SourceNotAllowedError, CameraFailedError.
        """
        for camera in self._in_use:
            if camera.device.device_id == device_id:
                return camera.device
        return await self._look_up(device_id)

    async def request_permission(self, device_id: str | None) -> tuple[PermissionStatus, str | None]:
        """Return the system's permission status and a hint, for one camera or (None) for any camera.

        Where the system asks the user (macOS), it does so once, and this waits `policy.consent_timeout` for the answer.
        Raises as `resolve`, and LimitExceededError.
        """
        device = await self.resolve(device_id) if device_id is not None else None
        status, hint = await self._ask(self._queries, lambda: self._catalogue.permission_status(device))
        if status != "not_determined":
            return status, hint
        limit = self.policy.consent_timeout
        return await self._ask(
            self._consents, lambda: self._catalogue.request_access(device, limit), limit + self.policy.query_timeout
        )

    def stall_limit(self, device: Device) -> float:
        """Return the seconds without a frame after which a camera of this kind counts as lost."""
        limit = self.policy.stalls.limit
        return limit if limit is not None else self._catalogue.stall_limit(device)

    def has_fixed_format(self, device: Device) -> bool:
        """Return whether a camera has one format, which `open` cannot change."""
        return self._catalogue.has_fixed_format(device)

    def nearest_format(self, device: Device, requested: RequestedFormat) -> Format | None:
        """Return the format that `open` would choose; None when only the opening shows it."""
        return self._catalogue.nearest_format(device, requested)

    def add_in_use(self, camera: CameraInUse) -> None:
        """Let `resolve` find `camera` by the id that it has while it is in use."""
        self._in_use.append(camera)

    def remove_in_use(self, camera: CameraInUse) -> None:
        """Undo `add_in_use`. Idempotent."""
        if camera in self._in_use:
            self._in_use.remove(camera)

    # -- opening and releasing ----------------------------------------------------------------------------------------

    async def open(self, device: Device, wanted: RequestedFormat) -> Camera:
        """Open a camera at the format nearest to `wanted` that an H.264 level allows.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError, EncoderFailedError, LimitExceededError.
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
            camera = await in_thread(open_camera, self.policy.open_timeout, late=lambda camera: camera.close())
        except TimeoutError:
            raise CameraFailedError(f"{device.name} did not open within {self.policy.open_timeout:g} s.") from None
        try:
            H264.level_for(camera.format.width, camera.format.height, camera.format.fps)
        except EncoderFailedError:
            # The caller gets the error now; otherwise the camera would fail at its first viewer.
            with contextlib.suppress(TimeoutError):
                await in_thread(camera.close, self.policy.stop_timeout)
            raise
        return camera

    async def open_again(self, lost: Device, wanted: RequestedFormat) -> tuple[Device, Camera]:
        """Find a lost camera at its present address and open it under its previous id. Raises as `open`.

        The first try reuses the formats of `lost`, because querying them may take seconds on a slow machine. Only when
        that try fails are the formats queried.
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
        """End a capture thread and release its camera; a hanging thread is abandoned after twice `stop_timeout`."""
        if capture in self._hanging.get(device.key, []):
            return
        limit = self.policy.stop_timeout
        with contextlib.suppress(TimeoutError):
            if await in_thread(lambda: capture.stop(limit), 2 * limit + 0.5):
                return
        self._hanging.setdefault(device.key, []).append(capture)
        if capture.is_calculating:
            log.info("%s: the camera is released after the picture that is being decoded", device.device_id)
        else:
            log.warning("%s: the driver hangs; its capture thread was abandoned", device.device_id)

    # -- inner calls --------------------------------------------------------------------------------------------------

    async def _ask(self, threads: Threads, call: Callable[[], T], limit: float | None = None) -> T:
        limit = self.policy.query_timeout if limit is None else limit
        try:
            return await threads.run(call, limit)
        except TimeoutError:
            raise CameraFailedError(f"The system did not answer within {limit:g} s.") from None

    async def _look_up(self, device_id: str, *, asks_formats: bool = True) -> Device:
        """Return the camera as the catalogue finds it; without `asks_formats` sooner, and perhaps without formats."""
        found = self._catalogue.resolve_by_text(device_id)
        if found is not None:
            return found
        threads = self._file_queries if self._catalogue.touches_files(device_id) else self._queries
        found = await self._ask(threads, lambda: self._catalogue.resolve(device_id, asks_formats=asks_formats))
        if found.source is None and self._catalogue.touches_files(found.device_id):  # found by its position in the list
            return await self._look_up(found.device_id)
        return found

    async def _prepare(self, device: Device) -> None:
        """Import the backend of a camera; the driver's own time limit begins afterwards."""
        limit = self.policy.import_timeout
        try:
            await in_thread(lambda: self._catalogue.prepare(device), limit)
        except TimeoutError:
            raise CameraFailedError(f"The libraries for {device.name} were not imported within {limit:g} s.") from None

    async def _find_again(self, lost: Device, *, asks_formats: bool) -> Device:
        if lost.source is not None:  # only this device has the login; its id does not
            return lost
        for known_as in (lost.device_id, *lost.aliases):
            with contextlib.suppress(CameraNotFoundError):
                found = await self._look_up(known_as, asks_formats=asks_formats)
                # Another camera may be plugged into the same port: a device with an id of its own is another camera.
                if known_as == lost.device_id or (found.device_id == known_as and found.name == lost.name):
                    return found
        raise CameraNotFoundError(f"{lost.name} is not there.", hint="Plug the camera in again.")

    def _check_hanging(self, device: Device) -> None:
        maximum = self.policy.max_opening
        if len(self._opening) >= maximum:
            message = f"{maximum} cameras are being opened and do not answer"
            raise LimitExceededError(message, details={"limit": "openings", "maximum": maximum})
        alive = [thread for thread in self._hanging.pop(device.key, []) if thread.is_alive]
        if alive:
            self._hanging[device.key] = alive
        opening = sum(key == device.key for key, _ in self._opening)
        if len(alive) + opening >= self.policy.max_hanging:
            raise DriverHangsError(f"The driver of {device.name} hangs in several calls.")
        if (device.key, device.address) in self._opening:
            raise CameraFailedError(f"The driver of {device.name} does not answer.")
