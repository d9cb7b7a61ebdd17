"""The sessions: every use of a camera, from its start until it is stopped or the camera fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sidecar.cameras.describe import describe_format
from sidecar.cameras.device import Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.contract import events
from sidecar.contract.errors import (
    ContractError,
    InvalidStateError,
    LimitExceededError,
    SessionNotFoundError,
    ShuttingDownError,
)
from sidecar.contract.events import Notify
from sidecar.contract.types import CameraStateName, EncodingOptions
from sidecar.streams.ended import Ended
from sidecar.streams.policy import StreamPolicy
from sidecar.streams.registry import StreamRegistry

if TYPE_CHECKING:
    from sidecar.streams.stream import Stream

OnEnded = Callable[[ContractError | None], None]


class Session(NamedTuple):
    """One use of a stream. `on_ended` is called once, with the error if the camera has failed."""

    session_id: str
    stream: Stream
    on_ended: OnEnded | None


class EndedSession(NamedTuple):
    """The facts about an ended session that stop_streaming and close_connection return."""

    session_id: str
    device_id: str
    camera_released: bool
    already_stopped: bool


class Sessions:
    """Starts and ends sessions, and notifies the client of their cameras' states.

    `streams` are the open streams that the sessions share. All on the event loop's thread.
    """

    def __init__(
        self,
        drivers: Drivers,
        notify: Notify,
        on_idle: Callable[[], None] = lambda: None,
        policy: StreamPolicy | None = None,
    ) -> None:
        """`on_idle` is called when the last camera has been released."""
        self._policy = policy or StreamPolicy()
        self.streams = StreamRegistry(drivers, self._changed, self._format_changed, on_idle, self._policy)
        self._drivers = drivers
        self._notify = notify
        self._sessions: dict[str, Session] = {}
        self._opening = 0
        self._ended: Ended[str] = Ended(self._policy.remembered)
        self._closing = False

    async def open(
        self,
        device_id: str,
        wanted: RequestedFormat,
        options: EncodingOptions,
        on_ended: OnEnded | None = None,
    ) -> Session:
        """Start a session with a camera. The format and the options of a camera's first session hold for all.

        Raises CameraNotFoundError, CameraBusyError, CameraPermissionDeniedError, CameraFailedError,
        SourceNotAllowedError, EncoderFailedError, LimitExceededError, ShuttingDownError.
        """
        from sidecar.encoding.h264 import choose_encoder

        choose_encoder(options.encoder)  # raises before the camera is opened
        device = await self._drivers.resolve(device_id)
        self._check_limit()
        session_id = str(uuid.uuid4())
        self._opening += 1
        try:
            stream = await self.streams.acquire(device, wanted, options, partial(self._notify_state, session_id))
        finally:
            self._opening -= 1
        if self._closing:
            await self.streams.release(stream)
            raise _shutting_down()
        session = self._sessions[session_id] = Session(session_id, stream, on_ended)
        if stream.state != "opening":
            self._notify_state(session_id, stream.device.device_id, stream.state, stream.problem)
        return session

    def get(self, session_id: str) -> Session | None:
        """Return the running session with this id, None if it has ended. Raises SessionNotFoundError."""
        session = self._sessions.get(session_id)
        if session is None and self._ended.get(session_id) is None:
            raise SessionNotFoundError(f"there is no session {session_id}")
        return session

    def running(self, session_id: str) -> Session:
        """Return the running session with this id. Raises SessionNotFoundError; InvalidStateError when it has ended."""
        session = self.get(session_id)
        if session is None:
            raise InvalidStateError(f"session {session_id} has ended", hint="Start a new session.")
        return session

    async def close(self, session_id: str) -> EndedSession:
        """End a session, and wait until its camera is released if it was the last. Raises SessionNotFoundError."""
        session = self.get(session_id)
        if session is None:
            device_id = self._ended.get(session_id) or ""
        else:
            stream = session.stream
            device_id = stream.device.device_id
            self._end(session, None)
            self._notify_state(session_id, device_id, "stopped")
            await self.streams.release(stream)
        return EndedSession(session_id, device_id, not self.streams.is_open(device_id), already_stopped=session is None)

    async def aclose(self) -> None:
        """End every session and release every camera."""
        self._closing = True
        for session in tuple(self._sessions.values()):
            self._end(session, None)
        await self.streams.aclose()

    def _check_limit(self) -> None:
        if self._closing:
            raise _shutting_down()
        maximum = self._policy.max_sessions
        if len(self._sessions) + self._opening >= maximum:
            message = f"there are {maximum} sessions already"
            raise LimitExceededError(message, details={"limit": "sessions", "maximum": maximum})

    def _changed(self, stream: Stream, state: CameraStateName, problem: ContractError | None) -> None:
        sessions = self._sessions_of(stream)
        for session in sessions:
            self._notify_state(session.session_id, stream.device.device_id, state, problem)
        if state == "failed":
            for session in sessions:
                self._end(session, problem)

    def _format_changed(self, stream: Stream, in_force: Format) -> None:
        for session in self._sessions_of(stream):
            event = events.FormatChanged(
                session_id=session.session_id,
                device_id=stream.device.device_id,
                format=describe_format(in_force),
            )
            self._notify("format_changed", event)

    def _sessions_of(self, stream: Stream) -> list[Session]:
        return [session for session in self._sessions.values() if session.stream is stream]

    def _end(self, session: Session, problem: ContractError | None) -> None:
        del self._sessions[session.session_id]
        self._ended.add(session.session_id, session.stream.device.device_id)
        if session.on_ended is not None:
            session.on_ended(problem)

    def _notify_state(
        self, session_id: str, device_id: str, state: CameraStateName, problem: ContractError | None = None
    ) -> None:
        event = events.CameraStateEvent(
            device_id=device_id,
            session_id=session_id,
            state=state,
            reason=problem.message if problem else None,
            hint=problem.hint if problem else None,
        )
        self._notify("camera_state", event)


def _shutting_down() -> ShuttingDownError:
    return ShuttingDownError("the sidecar is about to end")
