"""One connection: somebody who looks, and the camera session that is shown to them."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.contract import events
from sidecar.contract.errors import ContractError, InvalidStateError
from sidecar.contract.events import Notify
from sidecar.contract.types import (
    ConnectionState,
    ConnectionStats,
    EncodingName,
    IceConnectionState,
    IceGatheringState,
)
from sidecar.streams.registry import Session

if TYPE_CHECKING:
    from sidecar.streams.rendition import Viewer

log = logging.getLogger(__name__)


class Connection(ABC):
    """A way to one viewer, and at most one camera session for it.

    It tells its states by notifications and calls `on_over(connection, reason)` once when it has come to its end by
    itself. All on the loop's thread.
    """

    def __init__(
        self,
        connection_id: str,
        *,
        notify: Notify,
        on_over: Callable[[Connection, str], None],
        patience: float,
        absence: str,
    ) -> None:
        """`patience`: seconds until the other side must have come; `absence` is what is said when it has not."""
        self.connection_id = connection_id
        self.session_id: str | None = None
        self.device_id: str | None = None
        self.is_over = False
        self.state: ConnectionState = "new"
        self._created_at = time.monotonic()
        self._notify = notify
        self._on_over = on_over
        self._session: Session | None = None
        self._video_reserved = False
        self._absence = absence
        self._absence_timer = asyncio.get_running_loop().call_later(patience, self._nobody_came)

    # -- video --------------------------------------------------------------------------------------------------------

    def reserve_video(self) -> None:
        """Make room for a camera. Raises InvalidStateError when the connection shows one, or is about to."""
        if self._video_reserved:
            raise InvalidStateError(
                "the connection shows a camera already", hint="Close it, or use a connection for each camera."
            )
        self._video_reserved = True

    def video_failed(self) -> None:
        """The camera could not be opened."""
        self._video_reserved = False

    def start_video(self, session: Session) -> None:
        """Show the camera of `session`."""
        self._session = session
        self.session_id = session.session_id
        self.device_id = session.camera.device.device_id

    def stop_video(self) -> Session | None:
        """Show nothing any more; returns the session that was shown."""
        session, self._session = self._session, None
        self._video_reserved = False
        if session is not None:
            self._hide(session)
        return session

    @abstractmethod
    def _hide(self, session: Session) -> None:
        """Take the viewer away from the camera, if it looks at it."""

    def session_ended(self, error: ContractError | None) -> None:
        """The session was ended by somebody else: stopped by stop_streaming, or its camera lost."""
        if self.stop_video() is not None and error is not None:
            self._over(error.message)

    def keyframe_needed(self, reason: str) -> None:
        """The viewer cannot go on without a keyframe."""
        if self._session is not None:
            log.debug("connection %s: keyframe needed: %s", self.connection_id, reason)
            self._want_keyframe(self._session)

    def _encoding_of(self, viewer: Viewer | None) -> EncodingName | None:
        """On which encoding of the camera the viewer is."""
        session = self._session
        return session.camera.encodings.encoding_of(viewer) if session is not None and viewer is not None else None

    @abstractmethod
    def _want_keyframe(self, session: Session) -> None:
        """Ask the camera for a keyframe for the viewer, if it looks at it."""

    # -- the end ------------------------------------------------------------------------------------------------------

    async def close(self, reason: str | None) -> None:
        """Close the way to the viewer. The session is ended by the caller, who then calls `closed`."""
        self.is_over = True
        self._absence_timer.cancel()
        await self._release(reason)

    @abstractmethod
    async def _release(self, reason: str | None) -> None:
        """Let go of all that the connection holds but its session."""

    def closed(self, reason: str | None) -> None:
        """All of it is let go: tell it."""
        self._tell("closed", reason)

    def _somebody_came(self) -> None:
        self._absence_timer.cancel()

    def _nobody_came(self) -> None:
        self._tell("failed", self._absence)
        self._over(self._absence)

    def _over(self, reason: str) -> None:
        if not self.is_over:
            self.is_over = True
            self._on_over(self, reason)

    # -- what others ask ----------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """The ICE generation in use; without ICE the first is the only one."""
        return 0

    @property
    @abstractmethod
    def ice_connection_state(self) -> IceConnectionState:
        """The W3C state, or what comes nearest to it."""

    @property
    @abstractmethod
    def ice_gathering_state(self) -> IceGatheringState:
        """The W3C state, or what comes nearest to it."""

    @abstractmethod
    def stats(self) -> ConnectionStats:
        """A snapshot of the counters."""

    def _milliseconds_until(self, moment: float | None) -> float | None:
        """From the request to this time.monotonic()."""
        return None if moment is None else (moment - self._created_at) * 1000

    def _tell(self, state: ConnectionState, reason: str | None) -> None:
        if state == self.state:
            return
        self.state = state
        log.info("connection %s: %s%s", self.connection_id, state, f" ({reason})" if reason else "")
        self._notify(
            "connection_state",
            events.ConnectionStateEvent(
                connection_id=self.connection_id, generation=self.generation, state=state, reason=reason
            ),
        )
