"""A viewer that is no browser and no aiortc: GStreamer's webrtcbin, in a process of Debian's own Python."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sidecar.client import SidecarClient
from tests.support.sidecar_process import ROOT
from tests.support.stack_peer import SIZE, StackPeer, stack_peer

__all__ = ["SIZE", "WebrtcBin", "stamp", "webrtcbin"]

PYTHON = "/usr/bin/python3"
PROGRAM = ROOT / "tests" / "receivers" / "webrtcbin.py"


class WebrtcBin(StackPeer):
    """The process, which decodes each picture."""

    async def pictures(self, count: int) -> list[dict[str, Any]]:
        """Return the next pictures."""
        return [await self.until("picture") for _ in range(count)]


@asynccontextmanager
async def webrtcbin(sidecar: SidecarClient) -> AsyncIterator[WebrtcBin]:
    """A viewer that is ended with the block."""
    async with stack_peer([PYTHON, str(PROGRAM)], sidecar, kind=WebrtcBin) as viewer:
        yield viewer


def stamp(strip: list[int]) -> int:
    """Return the milliseconds since the epoch, modulo 2**32, that a picture of the test pattern shows."""
    return sum((luma > 127) << bit for bit, luma in enumerate(strip))
