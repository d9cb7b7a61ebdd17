"""The open connections, from their creation until their peers are closed and their sessions have ended."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sidecar.cameras.device import RequestedFormat
from sidecar.connections.policy import ConnectionPolicy
from sidecar.contract.errors import (
    ConnectionNotFoundError,
    InvalidStateError,
    LimitExceededError,
    ShuttingDownError,
)
from sidecar.contract.events import Notify
from sidecar.contract.types import EncodingOptions, IceServer
from sidecar.streams.ended import Ended
from sidecar.streams.sessions import EndedSession, Session, Sessions
from sidecar.webrtc.ice.policy import IcePolicy

if TYPE_CHECKING:
    from sidecar.connections.connection import Connection
    from sidecar.connections.local import LocalConnection
    from sidecar.connections.webrtc import WebRtcConnection
    from sidecar.local_stream.server import LocalServer
    from sidecar.webrtc.ice.networks import NetworkQuery
    from sidecar.webrtc.ice.sockets import SocketBudget

log = logging.getLogger(__name__)

AnyConnection = TypeVar("AnyConnection", bound="Connection")


class EndedConnection(NamedTuple):
    """The facts about a closed connection that close_connection returns."""

    connection_id: str
    device_id: str | None
    session_id: str | None
    camera_released: bool
    already_closed: bool


class Connections:
    """Creates, finds and closes connections, and gives each its camera session. All on the event loop's thread."""

    def __init__(
        self,
        sessions: Sessions,
        notify: Notify,
        *,
        allowed_origins: Sequence[str] = (),
        ice: IcePolicy | None = None,
        policy: ConnectionPolicy | None = None,
        networks: NetworkQuery | None = None,
    ) -> None:
        """`allowed_origins`: pages that may open local streams, beside the usual ones (local_stream/origins.py).

        `ice`: the addresses that ICE may connect to, and the ICE servers that it may ask. `networks` replaces the query
        for the networks of this machine.
        """
        self._sessions = sessions
        self._notify = notify
        self._allowed_origins = allowed_origins
        self._ice = ice or IcePolicy()
        self._policy = policy or ConnectionPolicy()
        self._networks = networks
        self._open: dict[str, Connection] = {}
        self._ended: Ended[EndedConnection] = Ended(self._policy.remembered)
        self._closing: dict[str, asyncio.Task[EndedConnection]] = {}
        self._stopped = False
        self._sockets: SocketBudget | None = None
        self._local_server: LocalServer | None = None

    # -- creating -----------------------------------------------------------------------------------------------------

    def create(
        self, ice_servers: Sequence[IceServer], playout_delay: tuple[int, int] | None = None
    ) -> WebRtcConnection:
        """Return a WebRTC connection without a camera.

        `playout_delay` is (min, max) in milliseconds; None: as the network demands (congestion/playout.py). Raises
        IceServerError, IceServerNotAllowedError, LimitExceededError or ShuttingDownError.
        """
        self._check_room()
        from sidecar.connections.webrtc import WebRtcConnection  # aiortc
        from sidecar.webrtc.ice.networks import networks
        from sidecar.webrtc.ice.sockets import SocketBudget

        self._sockets = self._sockets or SocketBudget()
        return self._add(
            WebRtcConnection(
                str(uuid.uuid4()),
                ice_servers,
                playout_delay,
                notify=self._notify,
                on_ended=self._close_soon,
                policy=self._policy,
                ice=self._ice,
                sockets=self._sockets,
                networks=self._networks or networks,
            )
        )

    def create_local(self) -> LocalConnection:
        """Return a connection over the loopback interface without a camera. Raises as `create`."""
        self._check_room()
        from sidecar.connections.local import LocalConnection
        from sidecar.local_stream.server import LocalServer  # websockets

        if self._local_server is None:
            self._local_server = LocalServer(self._allowed_origins, self._policy.local_stream)
        return self._add(
            LocalConnection(
                str(uuid.uuid4()),
                self._local_server,
                notify=self._notify,
                on_ended=self._close_soon,
                policy=self._policy,
            )
        )

    def _check_room(self) -> None:
        if self._stopped:
            raise ShuttingDownError("the sidecar is about to end")
        maximum = self._policy.max_connections
        if len(self._open) >= maximum:
            message = f"there are {maximum} connections already"
            raise LimitExceededError(message, details={"limit": "connections", "maximum": maximum})

    def _add(self, connection: AnyConnection) -> AnyConnection:
        self._open[connection.connection_id] = connection
        log.info("connection %s: created", connection.connection_id)
        return connection

    # -- finding ------------------------------------------------------------------------------------------------------

    def get(self, connection_id: str) -> Connection:
        """Return the open connection with this id.

        Raises ConnectionNotFoundError, and InvalidStateError for a connection that is closed or closing.
        """
        connection = self._open.get(connection_id)
        if connection is not None and connection_id not in self._closing:
            return connection
        if connection is not None or self._ended.get(connection_id) is not None:
            raise InvalidStateError(f"connection {connection_id} is closed", hint="Start a new session.")
        raise ConnectionNotFoundError(f"there is no connection {connection_id}")

    def get_webrtc(self, connection_id: str) -> WebRtcConnection:
        """Return the open WebRTC connection with this id. Raises as `get`; InvalidStateError for a local one."""
        from sidecar.connections.webrtc import WebRtcConnection  # imported already if there is such a connection

        connection = self.get(connection_id)
        if not isinstance(connection, WebRtcConnection):
            raise InvalidStateError(
                f"connection {connection_id} is no WebRTC connection", hint="Use the address that it was started with."
            )
        return connection

    def is_closed(self, connection_id: str) -> bool:
        """Return whether the connection is closed. Raises ConnectionNotFoundError for an unknown id."""
        if connection_id in self._open:
            return False
        if self._ended.get(connection_id) is None:
            raise ConnectionNotFoundError(f"there is no connection {connection_id}")
        return True

    def all(self) -> list[Connection]:
        """Return every open connection."""
        return list(self._open.values())

    # -- showing a camera ---------------------------------------------------------------------------------------------

    async def show(
        self, connection: Connection, device_id: str, wanted: RequestedFormat, options: EncodingOptions
    ) -> Session:
        """Start a session with a camera and show it on a connection.

        Raises InvalidStateError when the connection shows a camera already, and as Sessions.open.
        """
        connection.reserve_video()
        try:
            session = await self._sessions.open(device_id, wanted, options, on_ended=connection.session_ended)
        except BaseException:
            connection.video_failed()
            raise
        if connection.has_ended:
            await self._sessions.close(session.session_id)
            raise InvalidStateError("the connection was closed meanwhile", hint="Start a new session.")
        connection.start_video(session)
        shown = session.stream.device.device_id
        log.info("connection %s: shows %s in session %s", connection.connection_id, shown, session.session_id)
        return session

    # -- closing ------------------------------------------------------------------------------------------------------

    async def close(self, connection_id: str, reason: str | None = None) -> EndedConnection:
        """Close a connection and end its session; idempotent. Raises ConnectionNotFoundError."""
        ended = self._ended.get(connection_id)
        if ended is not None:
            released = ended.device_id is None or not self._sessions.streams.is_open(ended.device_id)
            return ended._replace(camera_released=released, already_closed=True)
        connection = self._open.get(connection_id)
        if connection is None:
            raise ConnectionNotFoundError(f"there is no connection {connection_id}")
        return await asyncio.shield(self._closing.get(connection_id) or self._start_closing(connection, reason))

    async def aclose(self) -> None:
        """Close every connection, and create no more."""
        self._stopped = True
        await asyncio.gather(*(self.close(connection_id, "the sidecar ends") for connection_id in tuple(self._open)))

    def _close_soon(self, connection: Connection, reason: str) -> None:
        """Close a connection that ended by itself: its viewer failed or left, or its camera failed."""
        if connection.connection_id not in self._closing:
            self._start_closing(connection, reason)

    def _start_closing(self, connection: Connection, reason: str | None) -> asyncio.Task[EndedConnection]:
        connection.has_ended = True
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
                    ended = await self._sessions.close(session.session_id)
        finally:
            del self._open[connection.connection_id]
            del self._closing[connection.connection_id]
            connection.announce_closed(reason)
        return self._remember(connection, ended)

    def _remember(self, connection: Connection, session: EndedSession | None) -> EndedConnection:
        ended = EndedConnection(
            connection.connection_id,
            connection.device_id,
            connection.session_id,
            camera_released=session is None or session.camera_released,
            already_closed=False,
        )
        self._ended.add(connection.connection_id, ended)
        return ended
