from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sidecar.contract.errors import LimitExceededError
from sidecar.local_stream.messages import MAX_CLIENT_MESSAGE
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.local_stream.server import Invitation, LocalServer
from tests.support.invitation_listener import RecordingListener, address
from tests.support.local_viewer import LIMIT, local_viewer

POLICY = LocalStreamPolicy()


@asynccontextmanager
async def silent_sockets(url: str, count: int = 1) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Open sockets that send no handshake, and return their readers."""
    opened = [await asyncio.open_connection(*address(url)) for _ in range(count)]
    yield [reader for reader, _ in opened]
    for _, writer in opened:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in opened), return_exceptions=True)


async def closed_by_server(reader: asyncio.StreamReader) -> None:
    """Wait until the server has closed this socket."""
    async with asyncio.timeout(LIMIT):
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            return


async def refused(url: str, **headers: str) -> int:
    """Return the status of the response that refuses this request."""
    with pytest.raises(InvalidStatus) as answer:
        async with connect(url, additional_headers=headers, compression=None):
            pass
    return answer.value.response.status_code


async def test_a_viewer_with_the_secret_gets_pictures_and_its_messages_arrive(
    invitation: Invitation, listener: RecordingListener
) -> None:
    async with local_viewer(invitation.url) as viewer:
        await listener.until(lambda: listener.sockets)
        listener.sockets[0].send(b"picture")
        assert await viewer.socket.recv() == b"picture"
        await viewer.say(received=7)
        await listener.until(lambda: listener.messages)
    await listener.until(lambda: listener.reasons)
    assert listener.messages[0].received == 7
    assert listener.reasons == ["the viewer closed the connection"]


async def test_the_server_listens_on_the_loopback_interface_only(invitation: Invitation) -> None:
    assert address(invitation.url)[0] == "127.0.0.1"
    assert len(invitation.secret) * 6 >= 128


async def test_a_wrong_secret_is_refused(invitation: Invitation, listener: RecordingListener) -> None:
    base = invitation.url.rsplit("/", 1)[0]
    wrong = ["", "wrong", invitation.secret[:-1], invitation.secret + "A", f"{invitation.secret}/", "é" * 3]
    for secret in wrong:
        assert await refused(f"{base}/{secret}") == 403
    assert listener.sockets == []
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


async def test_a_secret_is_good_once_also_after_its_viewer_has_left(
    invitation: Invitation, listener: RecordingListener
) -> None:
    async with local_viewer(invitation.url) as viewer:
        await listener.until(lambda: listener.sockets)
        assert await refused(invitation.url) == 403
        await viewer.say(received=1)
        await listener.until(lambda: listener.messages)
    await listener.until(lambda: listener.reasons)
    assert await refused(invitation.url) == 403
    assert len(listener.sockets) == 1


async def test_a_secret_that_was_withdrawn_is_refused(server: LocalServer, invitation: Invitation) -> None:
    other = await server.invite(RecordingListener())
    await server.withdraw(other, "withdrawn")
    assert await refused(other.url) == 403


async def test_pages_of_other_origins_are_refused_and_do_not_use_up_the_secret(
    invitation: Invitation, listener: RecordingListener
) -> None:
    assert await refused(invitation.url, Origin="https://example.org") == 403
    assert await refused(invitation.url, Origin="null") == 403
    async with local_viewer(invitation.url, origin="https://app.example"):
        await listener.until(lambda: listener.sockets)


async def test_a_program_without_an_origin_is_accepted(invitation: Invitation, listener: RecordingListener) -> None:
    async with local_viewer(invitation.url, origin=None):
        await listener.until(lambda: listener.sockets)


async def test_a_page_that_rebound_its_name_to_this_machine_is_refused(invitation: Invitation) -> None:
    host, port = address(invitation.url)
    lines = ["GET " + urlsplit(invitation.url).path + " HTTP/1.1", f"Host: rebound.example:{port}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    reader, writer = await asyncio.open_connection(host, port)
    writer.write("\r\n".join(lines).encode())
    async with asyncio.timeout(LIMIT):
        assert b"403" in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_a_request_without_an_end_is_cut_off(invitation: Invitation, listener: RecordingListener) -> None:
    for endless in ("GET /" + "x" * 100_000, "GET / HTTP/1.1\r\n" + "a: b\r\n" * 100_000, "x" * 1_000_000):
        reader, writer = await asyncio.open_connection(*address(invitation.url))
        writer.write(endless.encode())
        async with asyncio.timeout(POLICY.handshake_timeout / 2):
            answer = await asyncio.gather(reader.read(), return_exceptions=True)
        assert b" 101 " not in (answer[0] if isinstance(answer[0], bytes) else b"")
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)


async def test_an_invalid_message_closes_the_connection(invitation: Invitation, listener: RecordingListener) -> None:
    async with local_viewer(invitation.url) as viewer:
        await viewer.socket.send("nonsense")
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    await listener.until(lambda: listener.reasons)
    assert listener.reasons[0].startswith("the viewer sent an invalid message: ")


async def test_a_message_that_is_too_long_ends_the_connection(
    invitation: Invitation, listener: RecordingListener
) -> None:
    async with local_viewer(invitation.url) as viewer:
        await viewer.socket.send(" " * (MAX_CLIENT_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            await viewer.next()
    await listener.until(lambda: listener.reasons)


async def test_a_broken_connection_is_noticed(invitation: Invitation, listener: RecordingListener) -> None:
    async with local_viewer(invitation.url) as viewer:
        await listener.until(lambda: listener.sockets)
        viewer.socket.transport.abort()
        await listener.until(lambda: listener.reasons)
    assert listener.reasons == ["the viewer's connection broke"]


async def test_a_withdrawal_closes_the_socket_with_its_reason(server: LocalServer, listener: RecordingListener) -> None:
    invitation = await server.invite(listener)
    async with local_viewer(invitation.url) as viewer:
        await listener.until(lambda: listener.sockets)
        await server.withdraw(invitation, "the camera was lost")
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.next()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "the camera was lost")
    assert listener.reasons == []


async def test_a_viewer_that_never_reads_does_not_delay_its_withdrawal(
    server: LocalServer, listener: RecordingListener
) -> None:
    invitation = await server.invite(listener)
    async with local_viewer(invitation.url) as viewer:
        await listener.until(lambda: listener.sockets)
        viewer.socket.transport.pause_reading()
        for _ in range(100):
            listener.sockets[0].send(bytes(2**20))
        async with asyncio.timeout(5):
            await server.withdraw(invitation, "enough")
        viewer.socket.transport.abort()


async def test_the_server_listens_only_while_there_is_an_invitation(server: LocalServer) -> None:
    first, second = await server.invite(RecordingListener()), await server.invite(RecordingListener())
    assert address(first.url) == address(second.url)
    await server.withdraw(first, "done")
    assert await refused(first.url) == 403
    await server.withdraw(second, "done")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address(second.url))
    again = await server.invite(RecordingListener())
    assert await refused(again.url.replace(again.secret, first.secret)) == 403
    await server.withdraw(again, "done")


async def test_invitations_may_be_made_and_withdrawn_concurrently(server: LocalServer) -> None:
    async def come_and_go() -> None:
        await server.withdraw(await server.invite(RecordingListener()), "done")

    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(come_and_go() for _ in range(50)))


async def test_pending_handshakes_are_limited_and_a_viewer_connects_between_them(
    invitation: Invitation, listener: RecordingListener
) -> None:
    async with silent_sockets(invitation.url, POLICY.max_pending_handshakes + 10) as readers:
        async with local_viewer(invitation.url) as viewer:
            await listener.until(lambda: listener.sockets)
            for reader in readers[:10]:
                await closed_by_server(reader)
            await viewer.say(received=1)
            await listener.until(lambda: listener.messages)
        assert not readers[-1].at_eof()


async def test_a_socket_without_a_handshake_is_closed_after_the_time_limit(listener: RecordingListener) -> None:
    server = LocalServer(policy=LocalStreamPolicy(handshake_timeout=0.1))
    invitation = await server.invite(listener)
    async with silent_sockets(invitation.url) as (reader,):
        await closed_by_server(reader)
    await server.withdraw(invitation, "done")


async def test_pending_handshakes_do_not_delay_the_closing(server: LocalServer) -> None:
    invitation = await server.invite(RecordingListener())
    async with silent_sockets(invitation.url, 5), asyncio.timeout(POLICY.handshake_timeout / 2):
        await server.withdraw(invitation, "done")


@pytest.mark.parametrize("turns", [0, 3, 4, 5])  # between them asyncio drops a socket of a closed server
async def test_sockets_that_are_being_accepted_do_not_delay_the_closing(server: LocalServer, turns: int) -> None:
    invitation = await server.invite(RecordingListener())
    with ExitStack() as stack:
        for _ in range(3):  # the system has completed the connection, the server has not accepted it yet
            stack.enter_context(socket.create_connection(address(invitation.url)))
        for _ in range(turns):  # each turn of the loop brings the socket one step further
            await asyncio.sleep(0)
        async with asyncio.timeout(POLICY.handshake_timeout / 2):
            await server.withdraw(invitation, "done")


async def test_a_system_without_sockets_is_an_error_that_names_the_limit(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", refuse)
    with pytest.raises(LimitExceededError) as error:
        await server.invite(RecordingListener())
    assert error.value.details == {"limit": "sockets", "errno": errno.EMFILE}


async def test_the_address_is_below_the_path_for_security_policies_and_valid_below_no_other(
    invitation: Invitation, listener: RecordingListener
) -> None:
    host, port = address(invitation.url)
    assert urlsplit(invitation.url).path == f"/camera-sidecar/{invitation.secret}"
    for path in ["/", "//camera-sidecar/", "/camera-sidecar", "/camera-sidecar/camera-sidecar/", "/other/"]:
        assert await refused(f"ws://{host}:{port}{path}{invitation.secret}") == 403
    async with local_viewer(invitation.url):
        await listener.until(lambda: listener.sockets)
