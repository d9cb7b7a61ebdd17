"""A WebSocket server on the loopback interface, for invited guests, one each, and only while somebody is invited."""

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
from sidecar.local_stream.sender import Socket

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
PATH: Final = "/camera-sidecar/"
"""What the path of every address begins with, so that a page's Content-Security-Policy can name it: the port differs
each time, and a host source whose path ends with a slash matches every path below it (CSP Level 3, path-part)."""

SECRET_BYTES: Final = 32
MAX_STRANGERS: Final = 16
"""Sockets that have not shown a secret yet; the oldest goes when another comes, for a guest shows it at once."""

HANDSHAKE_TIMEOUT: Final = 5.0
CLOSE_TIMEOUT: Final = 0.3
"""Seconds for a guest to answer the closing of its socket."""

MAX_REASON: Final = 123
PING_INTERVAL: Final = 5.0
PING_TIMEOUT: Final = 10.0
MAX_WAITING_MESSAGES: Final = 16
BACKLOG: Final = 16


class Guest(Protocol):
    """Whoever is invited. Called on the loop's thread."""

    def came(self, socket: Socket) -> None:
        """The socket is open; once."""

    def said(self, message: ClientMessage) -> None:
        """A message from the other side."""

    def left(self, reason: str) -> None:
        """The socket was closed, not by `withdraw`; once."""


class Invitation:
    """A place for one guest: an address that is good for one WebSocket.

    `socket` is the one whose handshake is answered by 101; the address is used up when that handshake is complete.
    """

    def __init__(self, guest: Guest, authority: str) -> None:
        self.guest = guest
        self.secret = secrets.token_urlsafe(SECRET_BYTES)
        self.path = f"{PATH}{self.secret}"
        self.url = f"ws://{authority}{self.path}"
        self.is_used = False
        self.is_withdrawn = False
        self.socket: ServerConnection | None = None

    @property
    def is_open(self) -> bool:
        """Whether a handshake may begin: a socket that was closed before its handshake was complete left no trace."""
        is_taken = self.socket is not None and self.socket.state is not State.CLOSED
        return not (self.is_used or self.is_withdrawn or is_taken)


class LocalServer:
    """Listens while there is an invitation. All on the loop's thread."""

    def __init__(self, allowed_origins: Sequence[str] = ()) -> None:
        self._origins = AllowedOrigins(allowed_origins)
        self._invitations: set[Invitation] = set()
        self._strangers = _Strangers()
        self._server: Server | None = None
        self._authority = ""
        self._turn = asyncio.Lock()  # over opening and closing

    async def invite(self, guest: Guest) -> Invitation:
        """An address for `guest`. Raises LimitExceededError when the system gives no socket."""
        async with self._turn:
            if self._server is None:
                self._server = await self._listen()
            invitation = Invitation(guest, self._authority)
            self._invitations.add(invitation)
            return invitation

    async def withdraw(self, invitation: Invitation, reason: str) -> None:
        """Take an invitation back and close its socket; idempotent."""
        invitation.is_withdrawn = True
        if invitation.socket is not None:
            await _close(invitation.socket, CloseCode.NORMAL_CLOSURE, reason)
        async with self._turn:
            self._invitations.discard(invitation)
            if not self._invitations and self._server is not None:
                server, self._server = self._server, None
                server.close()
                self._strangers.close()
                await server.wait_closed()
                log.info("the loopback server is closed")

    async def _listen(self) -> Server:
        self._strangers = _Strangers()
        try:
            server = await serve(
                self._carry,
                HOST,
                0,
                process_request=self._judge,
                process_response=self._admit,
                create_connection=cast(type[ServerConnection], partial(_Door, strangers=self._strangers)),
                compression=None,
                open_timeout=HANDSHAKE_TIMEOUT,
                ping_interval=PING_INTERVAL,
                ping_timeout=PING_TIMEOUT,
                close_timeout=CLOSE_TIMEOUT,
                max_size=MAX_CLIENT_MESSAGE,
                max_queue=MAX_WAITING_MESSAGES,
                server_header=None,
                logger=_quiet_logger(),
                backlog=BACKLOG,
            )
        except OSError as error:
            log.warning("no loopback socket: %s", error)
            raise LimitExceededError(
                "the system gives no loopback socket", details={"limit": "sockets", "errno": error.errno}
            ) from None
        self._authority = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        return server

    def _judge(self, socket: ServerConnection, request: Request) -> Response | None:
        """None lets the socket in. The same words for every reason: strangers learn nothing."""
        headers = request.headers
        invitation = self._invitation(request.path)
        named_us = headers.get_all("Host") == [self._authority]  # or a page that rebound its name to this address
        if invitation is None or not named_us or not self._origins.allows(headers.get_all("Origin")):
            return _forbid(socket)
        return None

    def _admit(self, socket: ServerConnection, request: Request, response: Response) -> Response | None:
        """Give the invitation to a socket whose request is a whole WebSocket handshake (RFC 6455, section 4.2.1)."""
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return None
        invitation = self._invitation(request.path)
        if invitation is None:
            return _forbid(socket)
        invitation.socket = socket
        return None

    def _invitation(self, path: str) -> Invitation | None:
        """The open invitation with this path, looked for without telling by the time it takes how much was right."""
        found = None
        for invitation in self._invitations:
            is_this = hmac.compare_digest(invitation.path.encode(), path.encode())
            if is_this and invitation.is_open:
                found = invitation
        return found

    async def _carry(self, socket: ServerConnection) -> None:
        """A guest's whole stay."""
        self._strangers.discard(cast(_Door, socket))
        invitation = next((each for each in self._invitations if each.socket is socket), None)
        if invitation is None or invitation.is_withdrawn:
            return
        invitation.is_used = True
        invitation.guest.came(_GuestSocket(socket))
        reason = await _listen_to(socket, invitation.guest)
        if not invitation.is_withdrawn:
            invitation.guest.left(reason)


class _Strangers:
    """The sockets of one server that have not shown a secret yet, MAX_STRANGERS at most."""

    def __init__(self) -> None:
        self._doors: dict[_Door, None] = {}
        self._is_closed = False

    def add(self, door: _Door) -> None:
        """Take a socket; the oldest one goes when there are too many."""
        if self._is_closed:  # accepted before the server was closed: its handshake would hold the closing up
            door.transport.abort()
            return
        if len(self._doors) >= MAX_STRANGERS:
            oldest = next(iter(self._doors))
            del self._doors[oldest]
            oldest.transport.abort()
        self._doors[door] = None

    def discard(self, door: _Door) -> None:
        """Forget a socket that has shown a secret, or is closed."""
        self._doors.pop(door, None)

    def close(self) -> None:
        """Abort all of them, and those that are still to come."""
        self._is_closed = True
        for door in tuple(self._doors):
            door.transport.abort()


class _Door(ServerConnection):
    """A socket, a stranger until it has shown a secret."""

    def __init__(self, *arguments: Any, strangers: _Strangers, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._strangers = strangers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._strangers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._strangers.discard(self)
        super().connection_lost(exc)


class _GuestSocket:
    """The socket as a sender sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    @property
    def buffered(self) -> int:
        return self._socket.transport.get_write_buffer_size()

    def send(self, message: bytes) -> None:
        broadcast((self._socket,), message)  # the one way of the library to send without waiting


def _forbid(socket: ServerConnection) -> Response:
    return socket.respond(HTTPStatus.FORBIDDEN, "Nothing here.\n")


async def _listen_to(socket: ServerConnection, guest: Guest) -> str:
    """Until the socket is closed; why it was."""
    try:
        while True:
            guest.said(parse(await socket.recv()))
    except MessageError as error:
        await _close(socket, CloseCode.POLICY_VIOLATION, str(error))
        return f"the viewer broke the rules: {error}"
    except ConnectionClosedOK:
        return "the viewer closed the connection"
    except ConnectionClosed:
        return "the viewer is gone"


async def _close(socket: ServerConnection, code: CloseCode, reason: str) -> None:
    """Close in order, or not in order: what a guest that does not read was sent would be waited for without end."""
    with suppress(TimeoutError):
        if socket.state is not State.CONNECTING:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await socket.close(code, _cut(reason))
    if socket.state is not State.CLOSED:
        socket.transport.abort()
        await socket.wait_closed()


def _cut(reason: str) -> str:
    """A control frame has room for 123 bytes of it (RFC 6455, 5.5)."""
    return reason.encode()[:MAX_REASON].decode(errors="ignore")


def _quiet_logger() -> logging.Logger:
    """Whatever knocks here is refused; that is no news for the log."""
    logger = logging.getLogger(f"{__name__}.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger
