"""The sidecar as a child process of the demo's server, with one JSON-RPC message per line in both directions."""

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
COMMAND = [sys.executable, "-P", "-m", "sidecar"]  # -P: no modules from the current directory
MAX_MESSAGE = 8 * 2**20  # bytes; the contract's limit for a line
END_LIMIT = 1.0  # seconds to end after its standard input closed, cameras released
KILL_LIMIT = 0.3  # seconds to end after SIGTERM

# A separate process group: Ctrl-C reaches the server only, which then ends the sidecar in order.
if sys.platform == "win32":
    CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    CREATION_FLAGS = 0  # start_new_session does it


class Sidecar:
    """A running sidecar, which ends when its standard input closes and so never outlives this process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout

    @staticmethod
    @asynccontextmanager
    async def start(command: list[str]) -> AsyncIterator[Sidecar]:
        """Start a sidecar; leaving the context ends it with its cameras released."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            env=os.environ | {"PYTHONPATH": path},
            limit=MAX_MESSAGE + 2,  # with the line end
            start_new_session=True,
            creationflags=CREATION_FLAGS,
        )
        try:
            yield Sidecar(process)
        finally:
            await end(process)

    async def send(self, message: str) -> None:
        """Send one message; `lines` ends when the sidecar has ended."""
        self._stdin.write(message.replace("\n", " ").encode() + b"\n")
        try:
            await self._stdin.drain()
        except ConnectionError:
            await self._process.wait()

    async def lines(self) -> AsyncIterator[str]:
        """The sidecar's messages until it ends."""
        while line := await self._stdout.readline():
            yield line.decode().rstrip("\r\n")


async def end(process: Process) -> None:
    """Close the standard input, then terminate, then kill the process, each after its limit."""
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
    """Return whether the process ended in this time."""
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        return False
    return True
