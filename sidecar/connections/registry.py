"""Connections: who looks, at what, and when it is over."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sidecar.cameras.device import RequestedFormat
from sidecar.connections.recovery import RecoveryPolicy
from sidecar.contract.errors import (
    ConnectionNotFoundError,
    InvalidStateError,
    LimitExceededError,
    ShuttingDownError,
)
from sidecar.contract.events import Notify
from sidecar.contract.types import EncodingOptions, IceServer
from sidecar.limits import MAX_CONNECTIONS
from sidecar.streams.ended import Ended
from sidecar.streams.registry import Cameras, EndedSession, Session
from sidecar.webrtc.ice.policy import IcePolicy

if TYPE_CHECKING:
    from sidecar.connections.connection import Connection
    from sidecar.connections.local import LocalConnection
    from sidecar.connections.webrtc import WebRtcConnection
    from sidecar.local_stream.server import LocalServer
    from sidecar.webrtc.ice.sockets import SocketBudget

log = logging.getLogger(__name__)

AnyConnection = TypeVar("AnyConnection", bound="Connection")


@dataclass(frozen=True)
class EndedConnection:
    """What close_connection tells."""

    connection_id: str
    device_id: str | None
    session_id: str | None
    camera_released: bool
    already_closed: bool


class Connections:
    """Every connection, from its creation until its peer is closed and its session ended."""

    def __init__(
        self,
        cameras: Cameras,
        notify: Notify,
        allowed_origins: Sequence[str] = (),
        recovery: RecoveryPolicy | None = None,
        ice: IcePolicy | None = None,
    ) -> None:
        """`allowed_origins`: pages that may open local streams, beside the usual ones (local_stream/origins.py).

        `ice`: where ICE may connect to, and which ICE servers it may ask.
        """
        self._cameras = cameras
        self._notify = notify
        self._open: dict[str, Connection] = {}
        self._ended: Ended[EndedConnection] = Ended()
        self._closing: dict[str, asyncio.Task[EndedConnection]] = {}
        self._stopped = False
        self._allowed_origins = allowed_origins
        self._recovery = recovery or RecoveryPolicy()
        self._ice = ice or IcePolicy()
        self._sockets: SocketBudget | None = None
        self._local_server: LocalServer | None = None

    def create(
        self, ice_servers: Sequence[IceServer], playout_delay: tuple[int, int] | None = None
    ) -> WebRtcConnection:
        """A WebRTC connection that shows nothing yet.

        `playout_delay` is (min, max) in milliseconds; None: as the network demands (webrtc/rtp/playout.py). Raises
        IceServerError, IceServerNotAllowedError, LimitExceededError or ShuttingDownError, and then there is none.
        """
        self._check_room()
        from sidecar.connections.webrtc import WebRtcConnection  # aiortc
        from sidecar.webrtc.ice.sockets import SocketBudget

        self._sockets = self._sockets or SocketBudget()
        return self._add(
            WebRtcConnection(
                str(uuid.uuid4()),
                ice_servers,
                playout_delay,
                notify=self._notify,
                on_over=self._close_soon,
                recovery=self._recovery,
                ice=self._ice,
                sockets=self._sockets,
            )
        )

    def create_local(self) -> LocalConnection:
        """A connection over the loopback interface that shows nothing yet. Raises as `create`."""
        self._check_room()
        from sidecar.connections.local import LocalConnection
        from sidecar.local_stream.server import LocalServer  # websockets

        if self._local_server is None:
            self._local_server = LocalServer(self._allowed_origins)
        return self._add(
            LocalConnection(str(uuid.uuid4()), self._local_server, notify=self._notify, on_over=self._close_soon)
        )

    def _check_room(self) -> None:
        if self._stopped:
            raise ShuttingDownError("the sidecar is about to end")
        if len(self._open) >= MAX_CONNECTIONS:
            message = f"there are {MAX_CONNECTIONS} connections already"
            raise LimitExceededError(message, details={"limit": "connections", "maximum": MAX_CONNECTIONS})

    def _add(self, connection: AnyConnection) -> AnyConnection:
        self._open[connection.connection_id] = connection
        log.info("connection %s: created", connection.connection_id)
        return connection

    def get(self, connection_id: str) -> Connection:
        """The connection of this id, a closed one excluded. Raises ConnectionNotFoundError, InvalidStateError."""
        connection = self._open.get(connection_id)
        if connection is not None and connection_id not in self._closing:
            return connection
        if connection is not None or self._ended.get(connection_id) is not None:
            raise InvalidStateError(f"connection {connection_id} is closed", hint="Start a new session.")
        raise ConnectionNotFoundError(f"there is no connection {connection_id}")

    def peer(self, connection_id: str) -> WebRtcConnection:
        """The WebRTC connection of this id. Raises as `get`; InvalidStateError for one that is not WebRTC."""
        from sidecar.connections.webrtc import WebRtcConnection  # there is one, so this was imported

        connection = self.get(connection_id)
        if not isinstance(connection, WebRtcConnection):
            raise InvalidStateError(
                f"connection {connection_id} is no WebRTC connection", hint="Use the address that it was started with."
            )
        return connection

    def is_closed(self, connection_id: str) -> bool:
        """Whether the connection was closed; raises ConnectionNotFoundError when there never was one."""
        if connection_id in self._open:
            return False
        if self._ended.get(connection_id) is None:
            raise ConnectionNotFoundError(f"there is no connection {connection_id}")
        return True

    async def show(
        self, connection: Connection, device_id: str, wanted: RequestedFormat, encoding: EncodingOptions
    ) -> Session:
        """Let a connection show a camera. Raises InvalidStateError when it shows one already, and as Cameras.open."""
        connection.reserve_video()
        try:
            session = await self._cameras.open(device_id, wanted, encoding, on_ended=connection.session_ended)
        except BaseException:
            connection.video_failed()
            raise
        if connection.is_over:
            await self._cameras.close(session.session_id)
            raise InvalidStateError("the connection was closed meanwhile", hint="Start a new session.")
        connection.start_video(session)
        shown = session.stream.device.device_id
        log.info("connection %s: shows %s in session %s", connection.connection_id, shown, session.session_id)
        return session

    async def close(self, connection_id: str, reason: str | None = None) -> EndedConnection:
        """Close a connection and end its session. Raises ConnectionNotFoundError."""
        ended = self._ended.get(connection_id)
        if ended is not None:
            released = ended.device_id is None or not self._cameras.in_use(ended.device_id)
            return EndedConnection(connection_id, ended.device_id, ended.session_id, released, already_closed=True)
        connection = self._open.get(connection_id)
        if connection is None:
            raise ConnectionNotFoundError(f"there is no connection {connection_id}")
        return await asyncio.shield(self._closing.get(connection_id) or self._start_closing(connection, reason))

    def all(self) -> list[Connection]:
        """Every open connection."""
        return list(self._open.values())

    async def aclose(self) -> None:
        """Close them all."""
        self._stopped = True
        await asyncio.gather(*(self.close(connection_id, "the sidecar ends") for connection_id in tuple(self._open)))

    def _close_soon(self, connection: Connection, reason: str) -> None:
        """The connection is over by itself: its peer failed or left, or its camera was lost."""
        if connection.connection_id not in self._closing:
            self._start_closing(connection, reason)

    def _start_closing(self, connection: Connection, reason: str | None) -> asyncio.Task[EndedConnection]:
        connection.is_over = True
        task = asyncio.create_task(self._close(connection, reason))
        self._closing[connection.connection_id] = task
        return task

    async def _close(self, connection: Connection, reason: str | None) -> EndedConnection:
        session = connection.stop_video()
        ended: EndedSession | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.close(reason))
                if session is not None:
                    ended = await self._cameras.close(session.session_id)
        finally:
            del self._open[connection.connection_id]
            del self._closing[connection.connection_id]
            connection.closed(reason)
        return self._over(connection, ended)

    def _over(self, connection: Connection, session: EndedSession | None) -> EndedConnection:
        released = session.camera_released if session is not None else True
        ended = EndedConnection(
            connection.connection_id, connection.device_id, connection.session_id, released, already_closed=False
        )
        self._ended.add(connection.connection_id, ended)
        return ended
