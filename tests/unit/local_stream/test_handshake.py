"""Only a complete WebSocket handshake (RFC 6455, section 4) uses the secret of an invitation up."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from sidecar.local_stream.server import Invitation, LocalServer
from tests.support.local_guest import Guest, address
from tests.support.local_viewer import LIMIT, local_viewer

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Origin": "https://app.example",
}


async def said_to(invitation: Invitation, method: str = "GET", **changed: str | None) -> bytes:
    """The first line of the answer to an HTTP request with the secret; headers may be changed or, by None, left out."""
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
    invitation: Invitation, guest: Guest, method: str, changed: dict[str, str | None]
) -> None:
    assert b" 101 " not in await said_to(invitation, method, **changed)
    async with local_viewer(invitation.url):
        await guest.until(lambda: guest.sockets)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT", "get"])
async def test_a_handshake_by_another_method_than_get_leaves_the_secret_good(
    invitation: Invitation, guest: Guest, method: str
) -> None:
    assert b" 101 " not in await said_to(invitation, method)
    async with local_viewer(invitation.url):
        await guest.until(lambda: guest.sockets)


async def test_a_handshake_that_breaks_off_leaves_the_secret_good(invitation: Invitation, guest: Guest) -> None:
    path = urlsplit(invitation.url).path
    for text in ("G", f"GET {path}", f"GET {path} HTTP/1.1\r\nHost: x\r\n", "\0\r\n" * 9, f"GET {path} HTTP/9\r\n\r\n"):
        _, writer = await asyncio.open_connection(*address(invitation.url))
        writer.write(text.encode())
        await writer.drain()
        writer.transport.abort()
    async with local_viewer(invitation.url):
        await guest.until(lambda: guest.sockets)


async def test_a_socket_that_is_lost_before_its_handshake_is_complete_leaves_the_secret_good(
    invitation: Invitation, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = LocalServer._admit, asyncio.Event()

    def lose(self: LocalServer, socket: ServerConnection, request: Request, response: Response) -> Response | None:
        answer = real(self, socket, request, response)
        if not lost.is_set():
            lost.set()
            socket.transport.abort()
            socket.connection_lost(None)
        return answer

    monkeypatch.setattr(LocalServer, "_admit", lose)
    again = LocalServer(["https://app.example"])
    other = await again.invite(guest)
    assert await said_to(other) == b""
    assert lost.is_set()
    async with local_viewer(other.url):
        await guest.until(lambda: guest.sockets)
    await again.withdraw(other, "the test ends")


async def test_of_two_handshakes_at_once_one_gets_in(invitation: Invitation, guest: Guest) -> None:
    answers = await asyncio.gather(*(said_to(invitation) for _ in range(5)))
    assert sorted(b" 101 " in answer for answer in answers) == [False] * 4 + [True]
    await guest.until(lambda: guest.sockets)
    assert len(guest.sockets) == 1
