"""A listener of an invitation that records its calls, and the address of a local stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from sidecar.local_stream.messages import ClientMessage
from sidecar.local_stream.sender import Socket
from tests.support.local_viewer import LIMIT


class RecordingListener:
    """Records the calls of the server, and waits for them."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.messages: list[ClientMessage] = []
        self.reasons: list[str] = []
        self._heard = asyncio.Event()

    def viewer_connected(self, socket: Socket) -> None:
        self.sockets.append(socket)
        self._heard.set()

    def message_received(self, message: ClientMessage) -> None:
        self.messages.append(message)
        self._heard.set()

    def viewer_disconnected(self, reason: str) -> None:
        self.reasons.append(reason)
        self._heard.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self._heard.clear()
                await self._heard.wait()


def address(url: str) -> tuple[str, int]:
    """Return the host and port of a local stream's address."""
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    return parts.hostname, parts.port
