"""The loopback WebSocket server. It listens only while there are invitations; each address accepts one viewer."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.protocol import State

from sidecar.contract.errors import LimitExceededError
from sidecar.local_stream.messages import MAX_CLIENT_MESSAGE, ClientMessage, MessageError, parse
from sidecar.local_stream.origins import AllowedOrigins
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.sender import Socket

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
PATH: Final = "/camera-sidecar/"
"""The beginning of every address's path. A page's Content-Security-Policy names it, because the port differs each time:
a host source whose path ends with a slash matches every path below it (CSP Level 3, path-part)."""

SECRET_BYTES: Final = 32
BACKLOG: Final = 16
MAX_REASON: Final = 123
"""The longest reason of a close frame, in bytes (RFC 6455, section 5.5)."""


class InvitationListener(Protocol):
    """The owner of an invitation. Called on the event loop's thread."""

    def viewer_connected(self, socket: Socket) -> None:
        """The WebSocket is open; once."""

    def message_received(self, message: ClientMessage) -> None:
        """The viewer sent a message."""

    def viewer_disconnected(self, reason: str) -> None:
        """The WebSocket was closed, but not by `withdraw`; once."""


class Invitation:
    """An address that accepts one WebSocket.

    `socket` is set when its handshake is answered by 101. The address is used up when that handshake is complete.
    """

    def __init__(self, listener: InvitationListener, authority: str) -> None:
        self.listener = listener
        self.secret = secrets.token_urlsafe(SECRET_BYTES)
        self.path = f"{PATH}{self.secret}"
        self.url = f"ws://{authority}{self.path}"
        self.is_used = False
        self.is_withdrawn = False
        self.socket: ServerConnection | None = None

    @property
    def is_open(self) -> bool:
        """Whether a handshake may begin. A socket that was closed before its handshake was complete does not count."""
        is_taken = self.socket is not None and self.socket.state is not State.CLOSED
        return not (self.is_used or self.is_withdrawn or is_taken)


class LocalServer:
    """Listens while there is an invitation. Every method is called on the event loop's thread."""

    def __init__(self, allowed_origins: Sequence[str] = (), policy: LocalStreamPolicy | None = None) -> None:
        self._origins = AllowedOrigins(allowed_origins)
        self.policy = policy or LocalStreamPolicy()
        self._invitations: set[Invitation] = set()
        self._pending = _PendingHandshakes(self.policy.max_pending_handshakes)
        self._server: Server | None = None
        self._authority = ""
        self._opening = asyncio.Lock()  # guards the opening and closing of the server

    async def invite(self, listener: InvitationListener) -> Invitation:
        """Return an address for the viewer of `listener`. Raises LimitExceededError when the system has no socket."""
        async with self._opening:
            if self._server is None:
                self._server = await self._listen()
            invitation = Invitation(listener, self._authority)
            self._invitations.add(invitation)
            return invitation

    async def withdraw(self, invitation: Invitation, reason: str) -> None:
        """Withdraw an invitation and close its WebSocket; idempotent."""
        invitation.is_withdrawn = True
        if invitation.socket is not None:
            await _close(invitation.socket, CloseCode.NORMAL_CLOSURE, reason, self.policy.close_timeout)
        async with self._opening:
            self._invitations.discard(invitation)
            if not self._invitations and self._server is not None:
                server, self._server = self._server, None
                server.close()
                self._pending.close()
                await server.wait_closed()
                log.info("the loopback server is closed")

    async def _listen(self) -> Server:
        self._pending = _PendingHandshakes(self.policy.max_pending_handshakes)
        try:
            server = await serve(
                self._serve_viewer,
                HOST,
                0,
                process_request=self._check_request,
                process_response=self._claim_invitation,
                create_connection=cast(type[ServerConnection], partial(_ViewerConnection, pending=self._pending)),
                compression=None,
                open_timeout=self.policy.handshake_timeout,
                ping_interval=self.policy.ping_interval,
                ping_timeout=self.policy.ping_timeout,
                close_timeout=self.policy.close_timeout,
                max_size=MAX_CLIENT_MESSAGE,
                max_queue=self.policy.max_waiting_messages,
                server_header=None,
                logger=_quiet_logger(),
                backlog=BACKLOG,
            )
        except OSError as error:
            log.warning("the system has no loopback socket: %s", error)
            raise LimitExceededError(
                "the system gives no loopback socket", details={"limit": "sockets", "errno": error.errno}
            ) from None
        self._authority = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        return server

    def _check_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """Return None to accept the request. All refusals are alike, so that a stranger cannot learn the reason."""
        headers = request.headers
        invitation = self._open_invitation(request.path)
        is_this_host = headers.get_all("Host") == [self._authority]  # false after DNS rebinding
        if invitation is None or not is_this_host or not self._origins.allows(headers.get_all("Origin")):
            return _forbid(socket)
        return None

    def _claim_invitation(self, socket: ServerConnection, request: Request, response: Response) -> Response | None:
        """Give the invitation to a socket after a complete handshake request (RFC 6455, section 4.2.1)."""
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return None
        invitation = self._open_invitation(request.path)
        if invitation is None:
            return _forbid(socket)
        invitation.socket = socket
        return None

    def _open_invitation(self, path: str) -> Invitation | None:
        """Return the open invitation with this path, in a time that does not depend on the right part of the path."""
        found = None
        for invitation in self._invitations:
            is_this = hmac.compare_digest(invitation.path.encode(), path.encode())
            if is_this and invitation.is_open:
                found = invitation
        return found

    async def _serve_viewer(self, socket: ServerConnection) -> None:
        """Handle a WebSocket from its handshake to its close."""
        self._pending.discard(cast(_ViewerConnection, socket))
        invitation = next((each for each in self._invitations if each.socket is socket), None)
        if invitation is None or invitation.is_withdrawn:
            return
        invitation.is_used = True
        invitation.listener.viewer_connected(_ViewerSocket(socket))
        reason = await self._receive_messages(socket, invitation.listener)
        if not invitation.is_withdrawn:
            invitation.listener.viewer_disconnected(reason)

    async def _receive_messages(self, socket: ServerConnection, listener: InvitationListener) -> str:
        """Pass messages to the listener until the WebSocket is closed, and return the reason."""
        try:
            while True:
                listener.message_received(parse(await socket.recv()))
        except MessageError as error:
            await _close(socket, CloseCode.POLICY_VIOLATION, str(error), self.policy.close_timeout)
            return f"the viewer sent an invalid message: {error}"
        except ConnectionClosedOK:
            return "the viewer closed the connection"
        except ConnectionClosed:
            return "the viewer's connection broke"


class _PendingHandshakes:
    """The sockets of one server in the opening handshake, `limit` at most."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._connections: dict[_ViewerConnection, None] = {}
        self._is_closed = False

    def add(self, connection: _ViewerConnection) -> None:
        """Add a socket; the oldest one is closed when there are too many."""
        if self._is_closed:  # accepted before the server was closed: its handshake would delay the closing
            connection.transport.abort()
            return
        if len(self._connections) >= self._limit:
            oldest = next(iter(self._connections))
            del self._connections[oldest]
            oldest.transport.abort()
        self._connections[connection] = None

    def discard(self, connection: _ViewerConnection) -> None:
        """Remove a socket after its handshake, or after its close."""
        self._connections.pop(connection, None)

    def close(self) -> None:
        """Abort all sockets, and every socket that is still accepted."""
        self._is_closed = True
        for connection in tuple(self._connections):
            connection.transport.abort()


class _ViewerConnection(ServerConnection):
    """A server connection that is among the pending handshakes from its acceptance on."""

    def __init__(self, *arguments: Any, pending: _PendingHandshakes, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pending = pending

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._pending.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pending.discard(self)
        super().connection_lost(exc)


class _ViewerSocket:
    """The WebSocket as a LocalSender uses it."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    @property
    def buffered(self) -> int:
        return self._socket.transport.get_write_buffer_size()

    def send(self, message: bytes) -> None:
        broadcast((self._socket,), message)  # the library's only function that sends without waiting


def _forbid(socket: ServerConnection) -> Response:
    return socket.respond(HTTPStatus.FORBIDDEN, "Nothing here.\n")


async def _close(socket: ServerConnection, code: CloseCode, reason: str, timeout: float) -> None:
    """Close a WebSocket; abort it after `timeout`, because a viewer that does not read never answers the close."""
    with suppress(TimeoutError):
        if socket.state is not State.CONNECTING:
            async with asyncio.timeout(timeout):
                await socket.close(code, _cut(reason))
    if socket.state is not State.CLOSED:
        socket.transport.abort()
        await socket.wait_closed()


def _cut(reason: str) -> str:
    """Return the part of a reason that fits into a close frame."""
    return reason.encode()[:MAX_REASON].decode(errors="ignore")


def _quiet_logger() -> logging.Logger:
    """Return a logger without output: any program can cause refused handshakes, and fill the log with them."""
    logger = logging.getLogger(f"{__name__}.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger
