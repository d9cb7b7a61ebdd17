"""Viewers in separate processes, which can be suspended, killed and closed."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Any

import psutil

from soaking.subject import SoakError

ANSWER_SECONDS = 60.0
"""Seconds for the first answer on a busy machine: the viewer imports aiortc first."""

GO_SECONDS = 10.0
"""Seconds for a viewer to close its connections; then it is killed."""


class Viewer:
    """A process with any number of connections to the sidecar; `connections` and `sessions` are their ids."""

    def __init__(self, process: Process) -> None:
        self.connections: list[str] = []
        self.sessions: list[str] = []
        self.may_lose_its_picture = False
        """Whether the viewer's camera may fail, which ends the picture."""

        self._process = process
        self._frames: list[int] = []
        self._answers: dict[tuple[int, int], asyncio.Future[str | None]] = {}
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls) -> Viewer:
        """Start a viewer without a connection."""
        command = [sys.executable, "-m", "soaking.viewer"]
        return cls(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL))

    async def answer(self, connection_id: str, sdp: str) -> str:
        """Return the answer to the first offer of a connection; raises SoakError without one."""
        self.connections.append(connection_id)
        answer = await self.answer_again(connection_id, sdp, 0, replaces_peer=False)
        if answer is None:
            raise SoakError("a viewer did not answer; the machine may be too busy for the soak")
        return answer

    async def answer_again(self, connection_id: str, sdp: str, generation: int, *, replaces_peer: bool) -> str | None:
        """Return the answer to any offer, None without one."""
        number = self.connections.index(connection_id)
        answer = self._answers[number, generation] = asyncio.get_running_loop().create_future()
        try:
            await self._say(offer=sdp, number=number, generation=generation, replaces_peer=replaces_peer)
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            return None
        finally:
            del self._answers[number, generation]

    async def connected(self, connection_id: str, generation: int) -> None:
        """Tell the viewer that the sidecar reports the connection as connected in this ICE generation."""
        await self._say(connected=generation, number=self.connections.index(connection_id))

    @property
    def frames(self) -> tuple[int, ...]:
        """The number of pictures of each connection, as last reported."""
        return tuple(self._frames)

    async def more_pictures(self, seconds: float) -> bool:
        """Return whether every connection gets another picture within so many seconds."""
        before = self.frames
        try:
            async with asyncio.timeout(seconds):
                while not self._has_more_than(before):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def lose_the_network(self, seconds: float) -> None:
        """Cut the viewer's network for so long; it still answers offers."""
        await self._say(away=seconds)

    async def give_up_its_ways(self, needs_fresh_receivers: bool) -> None:
        """Cut all present paths for good; new ones come from an ICE restart or, if set, from fresh receivers only."""
        await self._say(gone=needs_fresh_receivers)

    def freeze(self) -> None:
        """Suspend the process."""
        psutil.Process(self._process.pid).suspend()

    def thaw(self) -> None:
        """Resume the process."""
        psutil.Process(self._process.pid).resume()

    async def kill(self) -> None:
        """Kill the process, so that no connection is closed in order."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._ended()

    async def leave(self) -> None:
        """Close all connections and end the process; kill it after GO_SECONDS."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GO_SECONDS)
        except TimeoutError:
            await self.kill()
            return
        await self._ended()

    def _has_more_than(self, before: tuple[int, ...]) -> bool:
        counts = [*before, *[0] * (len(self.connections) - len(before))]
        return len(self._frames) == len(counts) and all(
            now > then for now, then in zip(self._frames, counts, strict=True)
        )

    async def _ended(self) -> None:
        await self._process.wait()
        await self._reading

    async def _say(self, **members: Any) -> None:
        """Send a line to the process; a process that has ended is skipped."""
        assert self._process.stdin is not None
        if self._process.returncode is not None or self._process.stdin.is_closing():
            return
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(members).encode() + b"\n")
            await self._process.stdin.drain()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "answer" in message:
                self._answered(message["number"], message["generation"], message["answer"])
            else:
                self._frames = message["frames"]
                self._changed.set()
        for number, generation in list(self._answers):
            self._answered(number, generation, None)

    def _answered(self, number: int, generation: int, sdp: str | None) -> None:
        waiting = self._answers.get((number, generation))
        if waiting is not None and not waiting.done():
            waiting.set_result(sdp)
