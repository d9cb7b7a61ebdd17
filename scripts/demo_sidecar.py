"""The sidecar as the demo's server runs it: a child process, one JSON-RPC message a line each way."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-P", "-m", "sidecar"]  # -P: the folder the demo was started in is not searched for modules
MAX_MESSAGE = 8 * 2**20  # bytes; the contract's limit for a line
END_LIMIT = 1.0  # seconds to end after its standard input closed, cameras released
KILL_LIMIT = 0.3  # seconds to die after it was told to

# A process group of its own: Ctrl-C is for the server, which then ends the sidecar in order.
if sys.platform == "win32":
    CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    CREATION_FLAGS = 0  # start_new_session does it


class Sidecar:
    """A running sidecar. It ends when its standard input closes, so it does not outlive this process either."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout

    @staticmethod
    @asynccontextmanager
    async def start(command: list[str]) -> AsyncIterator[Sidecar]:
        """Start one; leaving the context ends it, with its cameras released."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            env=os.environ | {"PYTHONPATH": path},
            limit=MAX_MESSAGE + 2,  # its line end included
            start_new_session=True,
            creationflags=CREATION_FLAGS,
        )
        try:
            yield Sidecar(process)
        finally:
            await end(process)

    async def send(self, message: str) -> None:
        """Pass one message on; a sidecar that is gone is noticed by `lines`."""
        self._stdin.write(message.replace("\n", " ").encode() + b"\n")
        try:
            await self._stdin.drain()
        except ConnectionError:
            await self._process.wait()

    async def lines(self) -> AsyncIterator[str]:
        """Its messages, until it ends."""
        while line := await self._stdout.readline():
            yield line.decode().rstrip("\r\n")


async def end(process: Process) -> None:
    """Ask it to end, and see that it does."""
    assert process.stdin is not None
    process.stdin.close()
    if await ended_within(process, END_LIMIT):
        return
    process.terminate()
    if await ended_within(process, KILL_LIMIT):
        return
    process.kill()
    await process.wait()


async def ended_within(process: Process, seconds: float) -> bool:
    """Whether it ended in this time."""
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        return False
    return True
