"""A viewer of a local stream in Python, which behaves as a webview."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect

LIMIT = 10.0
"""Seconds: far longer than any awaited event takes."""

HEADER = struct.Struct(">BBHIQQQ")
ACCESS_UNIT, JPEG, DESCRIPTION = 1, 2, 3
ORIGIN = "tauri://localhost"


@dataclass(frozen=True)
class Message:
    """A message, taken apart; times are in microseconds."""

    type: int
    keyframe: bool
    sequence: int
    timestamp: int
    captured: int
    sent: int
    payload: bytes


def parse(data: str | bytes) -> Message:
    """The parts of a message."""
    assert isinstance(data, bytes)
    kind, flags, reserved, sequence, timestamp, captured, sent = HEADER.unpack_from(data)
    assert reserved == 0
    assert flags in (0, 1)
    return Message(kind, flags == 1, sequence, timestamp, captured, sent, data[HEADER.size :])


class LocalViewer:
    """Takes messages and says that it has them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **members: object) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(members))

    async def next(self, *, acknowledge: bool = True) -> Message:
        """The next message."""
        async with asyncio.timeout(LIMIT):
            message = parse(await self.socket.recv())
        if acknowledge and message.type != DESCRIPTION:
            await self.say(received=message.sequence)
        return message

    async def until(self, *, type: int, keyframe: bool | None = None) -> Message:  # noqa: A002 - the field's name
        """The next message of this type."""
        async with asyncio.timeout(LIMIT):
            while True:
                message = await self.next()
                if message.type == type and keyframe in (None, message.keyframe):
                    return message


@asynccontextmanager
async def local_viewer(url: str, origin: str | None = ORIGIN) -> AsyncIterator[LocalViewer]:
    """A viewer that has come, until the block ends."""
    headers = {} if origin is None else {"Origin": origin}
    async with connect(url, additional_headers=headers, compression=None, close_timeout=1, max_size=2**24) as socket:
        yield LocalViewer(socket)
