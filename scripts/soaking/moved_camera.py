"""A network camera that redirects every request to another address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"
LONGEST_REQUEST = 8192


class MovedCamera:
    """An RTSP server that redirects to a port that no pattern allows, or endlessly to itself.

    `elsewhere` counts the connections to the other port, which must stay 0.
    """

    def __init__(self) -> None:
        self.elsewhere = 0
        self.pattern = ""
        self.device_ids: tuple[str, str] = ("", "")
        self._other_port = 0

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[MovedCamera]:
        """A camera that listens until the end of the block."""
        camera = cls()
        async with (
            await asyncio.start_server(camera._redirect, HOST, 0) as server,
            await asyncio.start_server(camera._count, HOST, 0) as other,
        ):
            port, camera._other_port = (each.sockets[0].getsockname()[1] for each in (server, other))
            place = f"rtsp://{HOST}:{port}"
            camera.pattern = f"{place}/*"
            camera.device_ids = f"{place}/elsewhere", f"{place}/itself"
            yield camera

    async def _redirect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n"))[:LONGEST_REQUEST].decode("latin-1")
            number = re.search(r"CSeq: *(\d+)", head)
            target = f"rtsp://{HOST}:{self._other_port}/" if "/elsewhere" in head else head.split()[1]
            answer = f"RTSP/1.0 302 Moved\r\nCSeq: {number[1] if number else 0}\r\nLocation: {target}\r\n\r\n"
            writer.write(answer.encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _count(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.elsewhere += 1
        writer.close()
