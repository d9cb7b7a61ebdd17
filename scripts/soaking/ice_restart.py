"""ICE restarts for aiortc, which has none: a new agent under the existing DTLS transport of a peer connection."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aioice import Candidate, Connection
from aiortc import RTCPeerConnection
from aiortc.sdp import MediaDescription, SessionDescription

OF_THE_GENERATION = ("a=candidate", "a=end-of-candidates", "a=ice-ufrag", "a=ice-pwd", "a=setup")

EMPTY_DTLS_RECORD = b"\x14" + bytes(12)


class IceRestarts:
    """The ICE restarts of a connected peer connection with one media section (RFC 8445, 2.4)."""

    def __init__(self, pc: RTCPeerConnection) -> None:
        self._pc = pc
        self._offered: Connection | None = None
        self._going_over: set[asyncio.Task[None]] = set()
        self._agents: list[Connection] = []

    async def answer(self, sdp: str) -> str:
        """Answer an offer of a new generation; the new path is used as soon as it is connected."""
        agent = await self._prepare()
        setup = re.search("a=setup:.*", self._pc.localDescription.sdp)
        answer = self._describe(agent, "a=setup:active" if setup is None or "actpass" in setup[0] else setup[0])
        self._connect(agent, _media(sdp))
        return answer

    async def offer(self) -> str:
        """Make an offer of a new generation."""
        self._offered = await self._prepare()
        return self._describe(self._offered, "a=setup:actpass")

    async def take_answer(self, sdp: str) -> None:
        """Take the answer to the offer."""
        assert self._offered is not None
        self._connect(self._offered, _media(sdp))

    async def close(self) -> None:
        """Close all agents of the restarts."""
        for task in self._going_over:
            task.cancel()
        await asyncio.gather(*self._going_over, return_exceptions=True)
        for agent in self._agents:
            await agent.close()

    @property
    def _ice(self) -> Any:
        return self._pc.getTransceivers()[0].receiver.transport.transport

    async def _prepare(self) -> Connection:
        agent = Connection(ice_controlling=self._ice._connection.ice_controlling)
        self._agents.append(agent)
        await agent.gather_candidates()
        return agent

    def _describe(self, agent: Connection, setup: str) -> str:
        lines = [line for line in self._pc.localDescription.sdp.splitlines() if not line.startswith(OF_THE_GENERATION)]
        lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in agent.local_candidates]
        lines += [f"a=ice-ufrag:{agent.local_username}", f"a=ice-pwd:{agent.local_password}", setup]
        return "\r\n".join(lines) + "\r\n"

    def _connect(self, agent: Connection, media: MediaDescription) -> None:
        assert media.ice is not None
        agent.remote_username, agent.remote_password = media.ice.usernameFragment, media.ice.password
        task = asyncio.create_task(self._go_over(agent, media))
        self._going_over.add(task)
        task.add_done_callback(self._went_over)

    def _went_over(self, task: asyncio.Task[None]) -> None:
        self._going_over.discard(task)
        # After a ConnectionError there is no new path, and the previous one stays in use.
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ConnectionError):
            asyncio.get_running_loop().call_exception_handler({"message": "an ICE restart failed", "exception": error})

    async def _go_over(self, agent: Connection, media: MediaDescription) -> None:
        for each in media.ice_candidates:
            await agent.add_remote_candidate(
                Candidate(each.foundation, 1, each.protocol, each.priority, each.ip, each.port, each.type)
            )
        await agent.connect()
        ice, before = self._ice, self._ice._connection
        ice._connection = agent

        async def receive() -> bytes:
            while True:
                current = ice._connection
                try:
                    return bytes(await current.recv())
                except ConnectionError:
                    if current is ice._connection:
                        raise

        waiting = ice._recv
        ice._recv, ice._send = receive, agent.send
        # The DTLS transport waits for data of the previous agent; an empty record ends the wait.
        if waiting != receive:
            before._queue.put_nowait((EMPTY_DTLS_RECORD, 1))
        await before.close()


def _media(sdp: str) -> MediaDescription:
    return SessionDescription.parse(sdp).media[0]
