"""Only a complete WebSocket handshake (RFC 6455, section 4) uses up the secret of an invitation."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.server import Server

from sidecar.local_stream.server import Invitation
from tests.support.invitation_listener import RecordingListener, address
from tests.support.local_viewer import LIMIT, local_viewer

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Origin": "https://app.example",
}


async def first_line(invitation: Invitation, method: str = "GET", **changed: str | None) -> bytes:
    """Return the first line of the response to a request. `changed` replaces headers; None removes one."""
    host, port = address(invitation.url)
    headers = {"Host": f"{host}:{port}", **HANDSHAKE, **{key.replace("_", "-"): to for key, to in changed.items()}}
    lines = [f"{method} {urlsplit(invitation.url).path} HTTP/1.1"]
    lines += [f"{key}: {value}" for key, value in headers.items() if value is not None]
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode())
        async with asyncio.timeout(LIMIT):
            return await reader.readline()
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT", "CONNECT", "get"])
@pytest.mark.parametrize(
    "changed",
    [
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Upgrade": None, "Connection": None, "Sec_WebSocket_Key": None, "Sec_WebSocket_Version": None},
        {"Sec_WebSocket_Version": "8"},
        {"Sec_WebSocket_Version": None},
        {"Sec_WebSocket_Key": None},
        {"Sec_WebSocket_Key": "c2hvcnQ="},
        {"Origin": "https://example.org"},
        {"Content_Length": "5"},
        {"Transfer_Encoding": "chunked"},
    ],
    ids=str,
)
async def test_a_request_that_is_no_websocket_handshake_leaves_the_secret_good(
    invitation: Invitation, listener: RecordingListener, method: str, changed: dict[str, str | None]
) -> None:
    assert b" 101 " not in await first_line(invitation, method, **changed)
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT", "get"])
async def test_a_handshake_by_another_method_than_get_leaves_the_secret_good(
    invitation: Invitation, listener: RecordingListener, method: str
) -> None:
    assert b" 101 " not in await first_line(invitation, method)
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


async def test_a_handshake_that_breaks_off_leaves_the_secret_good(
    invitation: Invitation, listener: RecordingListener
) -> None:
    path = urlsplit(invitation.url).path
    for text in ("G", f"GET {path}", f"GET {path} HTTP/1.1\r\nHost: x\r\n", "\0\r\n" * 9, f"GET {path} HTTP/9\r\n\r\n"):
        _, writer = await asyncio.open_connection(*address(invitation.url))
        writer.write(text.encode())
        await writer.drain()
        writer.transport.abort()
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


async def test_a_socket_that_is_lost_before_its_handshake_is_complete_leaves_the_secret_good(
    invitation: Invitation, listener: RecordingListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = Server.is_serving, asyncio.Event()

    def lose(server: Server) -> bool:
        """The library calls this after the invitation was claimed, and before it sends the response."""
        if invitation.socket is not None and not lost.is_set():
            lost.set()
            invitation.socket.transport.abort()
            invitation.socket.connection_lost(None)
        return real(server)

    monkeypatch.setattr(Server, "is_serving", lose)
    assert await first_line(invitation) == b""
    assert lost.is_set()
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


async def test_of_two_handshakes_at_once_one_gets_in(invitation: Invitation, listener: RecordingListener) -> None:
    answers = await asyncio.gather(*(first_line(invitation) for _ in range(5)))
    assert sorted(b" 101 " in answer for answer in answers) == [False] * 4 + [True]
    await listener.until(lambda: listener.sockets)
    assert len(listener.sockets) == 1
