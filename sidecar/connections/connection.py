"""The base of all connections: one viewer, and the camera session that it is shown."""

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
from sidecar.media.subscription import Subscription
from sidecar.streams.sessions import Session

if TYPE_CHECKING:
    from sidecar.streams.jpeg_rendition import JpegSubscription
    from sidecar.streams.subscription import StreamSubscription

log = logging.getLogger(__name__)


class Connection(ABC):
    """A transport to one viewer, with at most one camera session and one subscription to its stream.

    It sends connection_state for each of its states, and calls `on_ended(connection, reason)` once when it ends by
    itself. All on the event loop's thread.
    """

    def __init__(
        self,
        connection_id: str,
        *,
        notify: Notify,
        on_ended: Callable[[Connection, str], None],
        viewer_timeout: float,
        timeout_reason: str,
    ) -> None:
        """The connection fails with `timeout_reason` after `viewer_timeout` seconds without a viewer."""
        self.connection_id = connection_id
        self.session_id: str | None = None
        self.device_id: str | None = None
        self.has_ended = False
        self.state: ConnectionState = "new"
        self._created_at = time.monotonic()
        self._notify = notify
        self._on_ended = on_ended
        self._session: Session | None = None
        self._subscription: StreamSubscription | JpegSubscription | None = None
        self._video_reserved = False
        self._timeout_reason = timeout_reason
        self._viewer_timer = asyncio.get_running_loop().call_later(viewer_timeout, self._viewer_timed_out)

    # -- video --------------------------------------------------------------------------------------------------------

    def reserve_video(self) -> None:
        """Reserve the connection for one camera. Raises InvalidStateError when it is reserved already."""
        if self._video_reserved:
            raise InvalidStateError(
                "the connection shows a camera already", hint="Close it, or use a connection for each camera."
            )
        self._video_reserved = True

    def video_failed(self) -> None:
        """Cancel the reservation, because the camera could not be opened."""
        self._video_reserved = False

    def start_video(self, session: Session) -> None:
        """Show the camera of `session`."""
        self._session = session
        self.session_id = session.session_id
        self.device_id = session.stream.device.device_id

    def stop_video(self) -> Session | None:
        """Close the subscription and return its session, which the caller ends; None if there is none."""
        session, self._session = self._session, None
        self._video_reserved = False
        self._unsubscribe()
        return session

    def session_ended(self, problem: ContractError | None) -> None:
        """Close the subscription of a session that stop_streaming has ended; end with a failed camera (`problem`)."""
        if self.stop_video() is not None and problem is not None:
            self._end(problem.message)

    def _subscribe(self, subscription: StreamSubscription | JpegSubscription) -> None:
        self._subscription = subscription
        self._attach(subscription)

    def _unsubscribe(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()
            self._attach(None)

    @abstractmethod
    def _attach(self, subscription: Subscription | None) -> None:
        """Hand the subscription to the sink that it delivers to; None: it is closed."""

    @property
    def _encoding(self) -> EncodingName | None:
        """The name of the encoding that the viewer gets; None without one."""
        return self._subscription.encoding if self._subscription is not None else None

    # -- the end ------------------------------------------------------------------------------------------------------

    async def close(self, reason: str | None) -> None:
        """Close the transport. The caller ends the session, and then calls `announce_closed`."""
        self.has_ended = True
        self._viewer_timer.cancel()
        await self._release(reason)

    @abstractmethod
    async def _release(self, reason: str | None) -> None:
        """Release the transport: sockets, timers and tasks."""

    def announce_closed(self, reason: str | None) -> None:
        """Notify the client that the connection is closed and its transport released."""
        self._enter("closed", reason)

    def _cancel_viewer_timer(self) -> None:
        self._viewer_timer.cancel()

    def _viewer_timed_out(self) -> None:
        self._fail(self._timeout_reason)

    def _fail(self, reason: str) -> None:
        self._enter("failed", reason)
        self._end(reason)

    def _end(self, reason: str) -> None:
        if not self.has_ended:
            self.has_ended = True
            self._on_ended(self, reason)

    # -- states and statistics ----------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """The ICE generation in use; 0 for a transport without ICE."""
        return 0

    @property
    @abstractmethod
    def ice_connection_state(self) -> IceConnectionState:
        """The W3C state; for a transport without ICE its nearest equivalent."""

    @property
    @abstractmethod
    def ice_gathering_state(self) -> IceGatheringState:
        """The W3C state; for a transport without ICE its nearest equivalent."""

    @abstractmethod
    def stats(self) -> ConnectionStats:
        """Return a snapshot of the counters."""

    def _milliseconds_until(self, moment: float | None) -> float | None:
        """Return the time from the connection's creation to `moment`, which is time.monotonic() or None."""
        return None if moment is None else (moment - self._created_at) * 1000

    def _enter(self, state: ConnectionState, reason: str | None) -> None:
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
