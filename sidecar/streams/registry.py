"""Who uses which camera, and until when."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.sources.display import next_id
from sidecar.contract import events
from sidecar.contract.errors import (
    ContractError,
    LimitExceededError,
    SessionNotFoundError,
    ShuttingDownError,
)
from sidecar.contract.events import Notify
from sidecar.contract.types import CameraStateName, CameraStats, EncodingOptions, PermissionStatus
from sidecar.limits import MAX_CAMERAS, MAX_SESSIONS
from sidecar.streams.ended import Ended

if TYPE_CHECKING:
    from sidecar.streams.stream import Stream

log = logging.getLogger(__name__)

OnEnded = Callable[[ContractError | None], None]


@dataclass
class Session:
    """One use of a camera. `on_ended` is called once, with the error when the camera failed."""

    session_id: str
    stream: Stream
    on_ended: OnEnded | None = None


@dataclass(frozen=True)
class EndedSession:
    """What stop_streaming and close_connection tell."""

    session_id: str
    device_id: str
    camera_released: bool
    already_stopped: bool


@dataclass
class _Slot:
    """The place of one camera: opened and released one at a time. `device_id` is the id while it is being opened."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    device_id: str | None = None


class Cameras:
    """Opens each camera once, however many sessions use it, and releases it with the last.

    A camera is in `_open` from before its threads start until they have ended.
    """

    def __init__(self, drivers: Drivers, notify: Notify, on_idle: Callable[[], None] = lambda: None) -> None:
        """`on_idle` is called when the last camera was released."""
        self._drivers = drivers
        self._on_idle = on_idle
        self._notify = notify
        self._open: dict[Hashable, Stream] = {}  # by Device.key, so that each camera is there once
        self._sessions: dict[str, Session] = {}
        self._ended: Ended[str] = Ended()
        self._slots: dict[Hashable, _Slot] = {}
        self._releasing: set[asyncio.Task[None]] = set()
        self._closing = False

    # -- what there is ------------------------------------------------------------------------------------------------

    async def available(self) -> tuple[Device, ...]:
        """Every camera that can be opened, the test pattern last."""
        return await self._drivers.available()

    async def resolve(self, device_id: str) -> Device:
        """The camera of this id or alias. Raises CameraNotFoundError, SourceNotAllowedError."""
        return await self._drivers.resolve(device_id)

    async def fingerprint(self) -> object:
        """Something that differs when a camera came or went; much cheaper than `list`."""
        return await self._drivers.fingerprint()

    async def permission(self, device_id: str | None) -> tuple[PermissionStatus, str | None]:
        """The system's permission status (contract, PermissionStatus) and a hint."""
        return await self._drivers.permission(device_id)

    # -- using one ----------------------------------------------------------------------------------------------------

    async def open(
        self,
        device_id: str,
        wanted: RequestedFormat,
        encoding: EncodingOptions,
        on_ended: OnEnded | None = None,
    ) -> Session:
        """A new session on a camera, which is opened when it is not open yet; later ones share what the first chose.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError, EncoderFailedError, LimitExceededError, ShuttingDownError.
        """
        from sidecar.encoding.h264 import choose_encoder

        choose_encoder(encoding.encoder)  # raises before the camera is opened
        device = await self.resolve(device_id)
        session_id = str(uuid.uuid4())
        async with self._alone_with(device) as slot:
            self._check_limit("sessions", len(self._sessions), MAX_SESSIONS)
            camera = self._open.get(device.key)
            if camera is not None and camera.state == "failed":
                await self._release(camera)
                camera = None
            if camera is None:
                self._check_limit("cameras", len(self._open), MAX_CAMERAS)
                device = replace(device, device_id=self._free_id(device.device_id, slot))
                camera = await self._open_camera(session_id, device, wanted, encoding)
            session = Session(session_id, camera, on_ended)
            self._sessions[session_id] = session
        if camera.state != "opening":
            self._tell(session, camera.state, camera.problem)
        return session

    def get(self, session_id: str) -> Session | None:
        """The running session of this id; None when it has ended. Raises SessionNotFoundError."""
        session = self._sessions.get(session_id)
        if session is None and self._ended.get(session_id) is None:
            raise SessionNotFoundError(f"there is no session {session_id}")
        return session

    async def close(self, session_id: str) -> EndedSession:
        """End a session and wait until its camera is released, when it was the last. Raises SessionNotFoundError."""
        session = self.get(session_id)
        if session is None:
            device_id = self._ended.get(session_id) or ""
            return EndedSession(session_id, device_id, not self.in_use(device_id), already_stopped=True)
        device = session.stream.device
        self._end(session, None)
        self._tell(session, "stopped")
        await self._release_unused(device)
        device_id = device.device_id
        return EndedSession(session_id, device_id, not self.in_use(device_id), already_stopped=False)

    def in_use(self, device_id: str) -> bool:
        """Whether the camera is open."""
        return any(camera.device.device_id == device_id for camera in self._open.values())

    @property
    def any_open(self) -> bool:
        """Whether any camera is open."""
        return bool(self._open)

    def try_lost_ones(self) -> None:
        """A camera may have been plugged in: those that are awaited are tried now."""
        for camera in self._open.values():
            camera.try_now()

    def stats(self) -> list[CameraStats]:
        """One for each open camera."""
        return [camera.stats() for camera in self._open.values()]

    async def aclose(self) -> None:
        """End every session and release every camera."""
        self._closing = True
        for session in tuple(self._sessions.values()):
            self._end(session, None)
        devices = [camera.device for camera in self._open.values()]
        await asyncio.gather(*map(self._release_unused, devices), *self._releasing)

    # -- opening and releasing ----------------------------------------------------------------------------------------

    async def _open_camera(
        self, session_id: str, device: Device, wanted: RequestedFormat, encoding: EncodingOptions
    ) -> Stream:
        from sidecar.streams.stream import Stream  # encoders and picture libraries

        self._notify("camera_state", _state(device.device_id, session_id, "opening"))
        try:
            driver = await self._drivers.open(device, wanted)
        except ContractError as error:
            self._notify("camera_state", _state(device.device_id, session_id, "failed", error))
            raise
        camera = Stream(
            device,
            driver,
            encoding,
            self._drivers,
            lambda state, error: self._changed(camera, state, error),
            wanted_fps=wanted.fps,
        )
        self._open[device.key] = camera
        camera.start()
        log.info("%s: opened at %s", device.device_id, camera.format)
        return camera

    async def _release_unused(self, device: Device) -> None:
        async with self._alone_with(device):
            camera = self._open.get(device.key)
            if camera is not None and not self._sessions_of(camera):
                await self._release(camera)

    async def _release(self, camera: Stream) -> None:
        await camera.stop()
        del self._open[camera.device.key]
        log.info("%s: released", camera.device.device_id)
        if not self._open:
            self._on_idle()

    def _changed(self, camera: Stream, state: CameraStateName, error: ContractError | None) -> None:
        log.log(logging.WARNING if error else logging.INFO, "%s: %s%s", camera.device.device_id, state, _because(error))
        sessions = self._sessions_of(camera)
        for session in sessions:
            self._tell(session, state, error)
        if state != "failed":
            return
        for session in sessions:
            self._end(session, error)
        task = asyncio.create_task(self._release_unused(camera.device))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    def _end(self, session: Session, error: ContractError | None) -> None:
        del self._sessions[session.session_id]
        self._ended.add(session.session_id, session.stream.device.device_id)
        if session.on_ended is not None:
            session.on_ended(error)

    # -- small parts --------------------------------------------------------------------------------------------------

    def _check_limit(self, name: str, count: int, maximum: int) -> None:
        if self._closing:
            raise ShuttingDownError("the sidecar is about to end")
        if count >= maximum:
            message = f"there are {maximum} {name} already"
            raise LimitExceededError(message, details={"limit": name, "maximum": maximum})

    def _free_id(self, device_id: str, slot: _Slot) -> str:
        """Return the id for a camera that is opened in `slot`.

        It is numbered when another camera in use has it: two logins of one network camera look alike in their ids.
        """
        taken = {camera.device.device_id for camera in self._open.values()}
        taken.update(other.device_id for other in self._slots.values() if other is not slot and other.device_id)
        while device_id in taken:
            device_id = next_id(device_id)
        slot.device_id = device_id
        return device_id

    @asynccontextmanager
    async def _alone_with(self, device: Device) -> AsyncIterator[_Slot]:
        slot = self._slots.setdefault(device.key, _Slot())
        slot.waiting += 1
        try:
            async with slot.lock:
                yield slot
        finally:
            slot.waiting -= 1
            if not slot.waiting:
                self._slots.pop(device.key, None)

    def _sessions_of(self, camera: Stream) -> list[Session]:
        return [session for session in self._sessions.values() if session.stream is camera]

    def _tell(self, session: Session, state: CameraStateName, error: ContractError | None = None) -> None:
        self._notify("camera_state", _state(session.stream.device.device_id, session.session_id, state, error))


def _because(error: ContractError | None) -> str:
    return f" ({error.message})" if error is not None else ""


def _state(
    device_id: str, session_id: str, state: CameraStateName, error: ContractError | None = None
) -> events.CameraStateEvent:
    return events.CameraStateEvent(
        device_id=device_id,
        session_id=session_id,
        state=state,
        reason=error.message if error else None,
        hint=error.hint if error else None,
    )
