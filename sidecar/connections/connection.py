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
from sidecar.media.subscription import Subscription
from sidecar.streams.registry import Session

if TYPE_CHECKING:
    from sidecar.streams.jpeg_rendition import JpegSubscription
    from sidecar.streams.subscription import StreamSubscription

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
        self._subscription: StreamSubscription | JpegSubscription | None = None
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
        self.device_id = session.stream.device.device_id

    def stop_video(self) -> Session | None:
        """Show nothing any more; returns the session that was shown."""
        session, self._session = self._session, None
        self._video_reserved = False
        self._unsubscribe()
        return session

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

    def session_ended(self, error: ContractError | None) -> None:
        """The session was ended by somebody else: stopped by stop_streaming, or its camera lost."""
        if self.stop_video() is not None and error is not None:
            self._over(error.message)

    @property
    def _encoding(self) -> EncodingName | None:
        """The name of the encoding that the viewer gets; None without one."""
        return self._subscription.encoding if self._subscription is not None else None

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
