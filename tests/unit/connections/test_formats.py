"""Viewers of every kind while their camera changes its format: the sizes that they see, and the time without one."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import groupby, pairwise

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from sidecar.cameras.device import RequestedFormat
from sidecar.connections.connection import Connection
from sidecar.connections.connections import Connections
from sidecar.contract.types import EncodingOptions
from sidecar.streams.sessions import Session, Sessions
from tests.support.local_viewer import DESCRIPTION, JPEG, LIMIT, LocalViewer, local_viewer
from tests.support.notifications import Notifications
from tests.support.peers import Viewer, gather_on_loopback, in_background

Size = tuple[int, int]
Pictures = AsyncIterator[av.VideoFrame]

VGA, HD = (640, 480), (1280, 720)
LONGEST_GAP = 1.0
"""Seconds without a new picture that the contract allows for a change of the format."""


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


# -- the viewers ------------------------------------------------------------------------------------------------------


async def over_webrtc(connections: Connections, stack: AsyncExitStack) -> tuple[Session, Pictures]:
    connection, viewer = connections.create([]), Viewer()
    stack.push_async_callback(viewer.close)
    session = await show(connections, connection)
    offer, _ = await connection.create_offer()
    await connection.set_remote_description("answer", await viewer.answer(offer))
    return session, pictures_of_track(viewer)


async def local_h264(connections: Connections, stack: AsyncExitStack) -> tuple[Session, Pictures]:
    connection = connections.create_local()
    session = await show(connections, connection)
    url, description = await connection.invite()
    return session, h264_pictures(await stack.enter_async_context(local_viewer(url)), description.record)


async def local_jpeg(connections: Connections, stack: AsyncExitStack) -> tuple[Session, Pictures]:
    connection = connections.create_local()
    session = await show(connections, connection)
    url, _ = await connection.invite()
    viewer = await stack.enter_async_context(local_viewer(url))
    await viewer.say(codec="jpeg")
    return session, jpeg_pictures(viewer)


async def show(connections: Connections, connection: Connection) -> Session:
    return await connections.show(connection, "test:pattern", RequestedFormat(*VGA, 30), EncodingOptions())


async def pictures_of_track(viewer: Viewer) -> Pictures:
    await viewer.until_connected()
    assert viewer.track is not None
    while True:
        picture = await viewer.track.recv()
        assert isinstance(picture, av.VideoFrame)
        yield picture


async def h264_pictures(viewer: LocalViewer, record: bytes) -> Pictures:
    decoder = new_decoder("h264", record)
    while True:
        message = await viewer.next()
        if message.type == DESCRIPTION:
            decoder = new_decoder("h264", b64decode(json.loads(message.payload)["description"]))
        else:
            for picture in decoder.decode(av.Packet(message.payload)):
                yield picture


async def jpeg_pictures(viewer: LocalViewer) -> Pictures:
    while True:
        message = await viewer.until(type=JPEG)
        for picture in new_decoder("mjpeg").decode(av.Packet(message.payload)):
            yield picture


def new_decoder(codec: str, record: bytes | None = None) -> VideoCodecContext:
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata, decoder.thread_count = record, 1
    return decoder


Kind = Callable[[Connections, AsyncExitStack], Awaitable[tuple[Session, Pictures]]]
KINDS = (over_webrtc, local_h264, local_jpeg)


class Seen:
    """The pictures that one viewer has seen: their sizes, and when they came."""

    def __init__(self) -> None:
        self.pictures: list[tuple[Size, float]] = []
        self._came = asyncio.Event()

    async def watch(self, pictures: Pictures) -> None:
        async for picture in pictures:
            self.pictures.append(((picture.width, picture.height), time.monotonic()))
            self._came.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self._came.clear()
                await self._came.wait()

    async def more_of(self, size: Size, count: int = 5) -> None:
        """Wait for pictures of this size."""
        seen = len(self.pictures)
        await self.until(lambda: [shown for shown, _ in self.pictures[seen:]].count(size) >= count)

    @property
    def sizes(self) -> list[Size]:
        """Each size that differs from the one before."""
        return [size for size, _ in groupby(size for size, _ in self.pictures)]

    @property
    def longest_gap(self) -> float:
        return max(after - before for (_, before), (_, after) in pairwise(self.pictures))


@asynccontextmanager
async def watching(kind: Kind, connections: Connections) -> AsyncIterator[tuple[Session, Seen]]:
    """A viewer that has seen the camera's first pictures, and its session."""
    async with AsyncExitStack() as stack:
        session, pictures = await kind(connections, stack)
        seen = Seen()
        await stack.enter_async_context(in_background(seen.watch(pictures)))
        await seen.more_of(VGA)
        yield session, seen


# -- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_viewer_sees_the_old_and_the_new_size_only_and_misses_pictures_for_a_second_at_most(
    kind: Kind, connections: Connections, sessions: Sessions
) -> None:
    async with watching(kind, connections) as (session, seen):
        for size in (HD, VGA):
            in_force = await session.stream.set_format(RequestedFormat(*size))
            assert (in_force.width, in_force.height, in_force.fps) == (*size, 30)
            await seen.more_of(size)
            (camera,) = sessions.streams.stats()
            assert (camera.format.width, camera.format.height) == (camera.width, camera.height) == size
        assert session.stream.state == "streaming"
    assert seen.sizes == [VGA, HD, VGA]
    assert seen.longest_gap <= LONGEST_GAP


async def test_every_session_of_a_camera_is_told_its_new_format_and_no_other_is(
    sessions: Sessions, notifications: Notifications
) -> None:
    wanted = RequestedFormat(320, 180, 30)
    first, second, other = [
        await sessions.open(device_id, wanted, EncodingOptions())
        for device_id in ("test:pattern", "test:pattern", "test:pattern-2")
    ]
    await first.stream.set_format(RequestedFormat(160, 90))
    assert [(told["session_id"], told["format"]["width"]) for told in notifications.of("format_changed")] == [
        (first.session_id, 160),
        (second.session_id, 160),
    ]
    assert other.stream.format.width == 320
