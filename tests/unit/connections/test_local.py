"""Local connections: the invitation, the viewer at the loopback server, and their ends."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import av
import psutil
import pytest
from av.video.codeccontext import VideoCodecContext
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sidecar.cameras.device import RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.connections.connections import Connections
from sidecar.connections.local import LocalConnection
from sidecar.connections.policy import ConnectionPolicy
from sidecar.contract.errors import CameraFailedError, CameraNotFoundError, ContractError, InvalidStateError
from sidecar.contract.types import CameraStats, EncodingOptions
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.media.codec import StreamDescription
from sidecar.streams.sessions import Sessions
from tests.support.faulty_cameras import FaultyCatalogue
from tests.support.local_viewer import ACCESS_UNIT, JPEG, LIMIT, ORIGIN, local_viewer
from tests.support.notifications import Notifications

SMALL = RequestedFormat(width=320, height=180, fps=30)
LARGE = RequestedFormat(width=1280, height=720, fps=30)


async def start(
    connections: Connections, size: RequestedFormat = SMALL
) -> tuple[LocalConnection, str, StreamDescription]:
    """Start a local connection as start_camera_local_session does."""
    connection = connections.create_local()
    await connections.show(connection, "test:pattern", size, EncodingOptions())
    url, description = await connection.invite()
    return connection, url, description


@pytest.fixture
async def without_pictures(notifications: Notifications) -> AsyncIterator[Connections]:
    """Connections to cameras that open but give no picture."""
    catalogue = FaultyCatalogue()
    catalogue.hangs = True
    catalogue.go_on.clear()
    sessions = Sessions(Drivers(catalogue), notifications)
    connections = Connections(sessions, notifications, policy=ConnectionPolicy(first_keyframe_timeout=0.5))
    yield connections
    catalogue.go_on.set()
    await connections.aclose()
    await sessions.aclose()


@pytest.fixture
async def impatient(sessions: Sessions, notifications: Notifications) -> AsyncIterator[Connections]:
    """Connections that give up viewers without progress after 0.6 s."""
    policy = ConnectionPolicy(local_stream=LocalStreamPolicy(stall_timeout=0.6))
    connections = Connections(sessions, notifications, policy=policy)
    yield connections
    await connections.aclose()


def states(notifications: Notifications, connection: LocalConnection) -> list[str]:
    told = notifications.of("connection_state")
    return [state["state"] for state in told if state["connection_id"] == connection.connection_id]


async def closed(notifications: Notifications, connection: LocalConnection) -> str:
    """Return the reason when the connection is closed."""
    ids = {"connection_id": connection.connection_id, "state": "closed"}
    event = await notifications.wait_for("connection_state", lambda state: ids.items() <= state.items())
    return str(event["reason"])


async def camera(sessions: Sessions) -> CameraStats:
    (found,) = sessions.streams.stats()
    return found


async def test_the_viewer_sees_the_camera_with_the_description_it_was_given(connections: Connections) -> None:
    _, url, description = await start(connections)
    assert (description.width, description.height) == (320, 180)
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata, decoder.thread_count = description.record, 1
    async with local_viewer(url) as viewer:
        messages = [await viewer.next() for _ in range(5)]
    assert [message.keyframe for message in messages] == [True, False, False, False, False]
    assert [message.sequence for message in messages] == [0, 1, 2, 3, 4]
    for message in messages:
        (picture,) = decoder.decode(av.Packet(message.payload))
        assert (picture.width, picture.height) == (320, 180)
        assert 0 <= message.sent - message.captured < 10_000_000
        assert abs(message.sent / 1e6 - time.time()) < LIMIT


async def test_the_states_are_those_of_any_connection(connections: Connections, notifications: Notifications) -> None:
    connection, url, _ = await start(connections)
    assert states(notifications, connection) == ["connecting"]
    async with local_viewer(url) as viewer:
        await viewer.next()
        assert states(notifications, connection) == ["connecting", "connected"]
    assert await closed(notifications, connection) == "the viewer closed the connection"
    assert states(notifications, connection) == ["connecting", "connected", "closed"]


async def test_the_camera_is_released_when_the_viewer_leaves(
    sessions: Sessions, connections: Connections, notifications: Notifications
) -> None:
    connection, url, _ = await start(connections)
    async with local_viewer(url) as viewer:
        await viewer.next()
        assert sessions.streams.is_open("test:pattern")
    await closed(notifications, connection)
    assert not sessions.streams.is_open("test:pattern")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)


async def test_closing_the_connection_closes_the_socket(sessions: Sessions, connections: Connections) -> None:
    connection, url, _ = await start(connections)
    async with local_viewer(url) as viewer:
        await viewer.next()
        ended = await connections.close(connection.connection_id)
        assert ended.camera_released
        with pytest.raises(ConnectionClosed):
            while True:
                await viewer.next(acknowledge=False)
    assert not sessions.streams.is_open("test:pattern")


async def test_no_picture_is_encoded_between_the_start_and_the_viewers_connection(
    sessions: Sessions, connections: Connections
) -> None:
    await start(connections)
    stats = await camera(sessions)
    assert stats.viewers == 0
    assert stats.keyframes_encoded == 1


async def test_viewers_share_one_encoder_and_go_on_when_another_leaves(
    sessions: Sessions, connections: Connections
) -> None:
    _, first_url, _ = await start(connections)
    _, second_url, _ = await start(connections)
    async with local_viewer(first_url) as first:
        await first.next()
        async with local_viewer(second_url) as second:
            message = await second.next()
            assert message.keyframe
            while (await first.next()).timestamp != message.timestamp:
                pass
            stats = await camera(sessions)
            assert stats.viewers == 2
            assert stats.frames_encoded <= stats.frames_captured
        assert (await first.next()).type == ACCESS_UNIT


async def test_a_viewer_that_never_reads_does_not_disturb_the_others(
    sessions: Sessions, connections: Connections
) -> None:
    stuck_connection, stuck_url, _ = await start(connections)
    _, other_url, _ = await start(connections)
    async with local_viewer(stuck_url) as stuck, local_viewer(other_url) as other:
        await stuck.next()
        keyframes = (await camera(sessions)).keyframes_encoded
        while stuck_connection.stats().frames_dropped < 10:
            await other.next()
        assert (await camera(sessions)).keyframes_encoded <= keyframes + 1
        await stuck.say(received=stuck_connection.stats().frames_sent - 1)
        sent = stuck_connection.stats().frames_sent
        async with asyncio.timeout(LIMIT):
            while stuck_connection.stats().frames_sent == sent:
                await other.next()
        message = await stuck.next()
        while message.sequence < sent:
            message = await stuck.next()
        assert message.keyframe, "the first picture after the dropped ones"


async def test_a_viewer_that_stalls_is_disconnected(impatient: Connections, notifications: Notifications) -> None:
    connection, url, _ = await start(impatient)
    async with local_viewer(url):
        assert await closed(notifications, connection) == "the viewer acknowledges no pictures"


async def test_a_viewer_that_acknowledges_unread_pictures_is_disconnected_and_the_others_go_on(
    impatient: Connections, notifications: Notifications
) -> None:
    liar_connection, liar_url, _ = await start(impatient, LARGE)
    _, other_url, _ = await start(impatient, LARGE)
    async with local_viewer(liar_url) as liar, local_viewer(other_url) as other:
        await liar.next()
        # The system's receive buffer holds seconds of video; a small one is soon full.
        liar.socket.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await liar.say(codec="jpeg")
        liar.socket.transport.pause_reading()
        over = asyncio.create_task(closed(notifications, liar_connection))
        async with asyncio.timeout(LIMIT):
            while not over.done():
                await liar.say(received=liar_connection.stats().frames_sent - 1)
                assert (await other.next()).type == ACCESS_UNIT
        assert over.result() == "the viewer acknowledges no pictures"
        assert (await other.next()).type == ACCESS_UNIT


async def test_the_camera_is_released_when_no_viewer_connects(sessions: Sessions, notifications: Notifications) -> None:
    connections = Connections(sessions, notifications, policy=ConnectionPolicy(local_timeout=2.0))
    connection, _, _ = await start(connections)
    assert "no viewer connected" in await closed(notifications, connection)
    assert states(notifications, connection) == ["connecting", "failed", "closed"]
    assert not sessions.streams.is_open("test:pattern")


async def test_a_keyframe_comes_when_the_viewer_asks_for_one(connections: Connections) -> None:
    connection, url, _ = await start(connections)
    async with local_viewer(url) as viewer:
        await viewer.until(type=ACCESS_UNIT, keyframe=False)
        await viewer.say(keyframe=True)
        await viewer.until(type=ACCESS_UNIT, keyframe=True)
    assert connection.stats().pli_count == 1


async def test_a_viewer_can_choose_jpeg_pictures_and_then_no_h264_is_encoded(
    sessions: Sessions, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    connection, url, _ = await start(connections)
    async with local_viewer(url) as viewer:
        await viewer.next()
        await viewer.say(codec="jpeg")
        picture = await viewer.until(type=JPEG)
        assert picture.payload.startswith(b"\xff\xd8\xff")
        assert f"connection {connection.connection_id}: the viewer chose the codec jpeg" in caplog.messages
        encoded = (await camera(sessions)).frames_encoded
        for _ in range(3):
            assert (await viewer.next()).type == JPEG
        stats = await camera(sessions)
        assert (stats.frames_encoded, stats.viewers) == (encoded, 1)
        await viewer.say(codec="h264")
        assert (await viewer.until(type=ACCESS_UNIT)).keyframe


async def test_statistics_are_those_of_any_connection(connections: Connections) -> None:
    connection, url, _ = await start(connections)
    before = connection.stats()
    assert (before.frames_sent, before.time_to_first_frame_ms, before.round_trip_time_ms) == (0, None, None)
    async with local_viewer(url) as viewer:
        for _ in range(5):
            await viewer.next()
        stats = connection.stats()
    assert (stats.state, stats.device_id, stats.candidate_pair) == ("connected", "test:pattern", None)
    assert stats.frames_sent >= 5
    assert stats.bytes_sent > 0
    assert stats.time_to_first_frame_ms is not None and stats.time_to_first_frame_ms > 0
    assert stats.round_trip_time_ms is not None and stats.round_trip_time_ms > 0
    assert stats.encoded_to_sent_ms.p50 is not None


async def test_a_local_connection_is_no_webrtc_connection(connections: Connections) -> None:
    connection, _, _ = await start(connections)
    with pytest.raises(InvalidStateError, match="no WebRTC connection"):
        connections.get_webrtc(connection.connection_id)


async def test_stopping_the_session_ends_the_connection(
    sessions: Sessions, connections: Connections, notifications: Notifications
) -> None:
    connection, url, _ = await start(connections)
    assert connection.session_id is not None
    async with local_viewer(url) as viewer:
        await viewer.next()
        await sessions.close(connection.session_id)
        assert await closed(notifications, connection) == "the session was stopped"


@pytest.mark.parametrize("error", [None, CameraFailedError("the camera was unplugged")])
async def test_a_session_that_ends_before_the_first_picture_ends_the_start(
    without_pictures: Connections, error: ContractError | None
) -> None:
    connection = without_pictures.create_local()
    await without_pictures.show(connection, "test:pattern", SMALL, EncodingOptions())
    inviting = asyncio.create_task(connection.invite())
    await asyncio.sleep(0)
    connection.session_ended(error)
    with pytest.raises(CameraFailedError if error else InvalidStateError):
        await inviting


async def test_a_camera_that_gives_no_picture_is_an_error(
    without_pictures: Connections,
) -> None:
    connection = without_pictures.create_local()
    await without_pictures.show(connection, "test:pattern", SMALL, EncodingOptions())
    with pytest.raises(CameraFailedError, match="no picture"):
        await connection.invite()


async def test_a_connection_closed_while_it_starts_leaves_no_address(
    sessions: Sessions, connections: Connections
) -> None:
    connection = connections.create_local()
    await connections.show(connection, "test:pattern", SMALL, EncodingOptions())
    inviting = asyncio.create_task(connection.invite())
    await asyncio.sleep(0)
    await connections.close(connection.connection_id)
    with pytest.raises(InvalidStateError):
        await inviting
    assert not sessions.streams.is_open("test:pattern")


async def test_an_unknown_camera_leaves_nothing_behind(sessions: Sessions, connections: Connections) -> None:
    connection = connections.create_local()
    with pytest.raises(CameraNotFoundError):
        await connections.show(connection, "usb:nobody", SMALL, EncodingOptions())
    await connections.close(connection.connection_id)
    assert connections.all() == []


async def knock(url: str, origin: str = ORIGIN) -> None:
    """Connect as a viewer does, and be refused."""
    with pytest.raises(InvalidStatus) as answer:
        async with local_viewer(url, origin):
            pass
    assert answer.value.response.status_code == 403


async def test_a_refused_client_does_not_stop_the_picture(connections: Connections) -> None:
    _, url, _ = await start(connections)
    _, unused_url, _ = await start(connections)
    async with local_viewer(url) as viewer:
        await viewer.next()
        for refused in (
            knock(f"{url[:-1]}{'A' if url[-1] != 'A' else 'B'}"),  # a wrong secret
            knock(url),  # the right secret, a second time
            knock(unused_url, "https://example.org"),  # the right secret, from a foreign page
        ):
            async with asyncio.timeout(LIMIT):
                await refused
            assert [(await viewer.next()).type for _ in range(3)] == [ACCESS_UNIT] * 3
        async with local_viewer(unused_url) as second:
            assert (await second.next()).keyframe


async def test_a_thousand_strangers_do_not_stop_the_picture_and_few_are_let_in(connections: Connections) -> None:
    _, url, _ = await start(connections)
    port = urlsplit(url).port
    async with local_viewer(url) as viewer:
        for _ in range(10):
            strangers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
            for _, writer in strangers:
                writer.write(b"GET /wrong HTTP/1.1\r\n")  # an incomplete request
            for _ in range(3):
                assert (await viewer.next()).type == ACCESS_UNIT
            ours = [each for each in psutil.Process().net_connections("tcp") if each.laddr.port == port]
            assert len(ours) <= LocalStreamPolicy().max_pending_handshakes + 2, (
                "the viewer and the listening socket beside them"
            )
            for _, writer in strangers:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for _, writer in strangers), return_exceptions=True)
