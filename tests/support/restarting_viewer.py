"""A far peer that can restart ICE, which aiortc cannot: a new agent under its living DTLS transport and receiver."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from typing import Any

from aioice import Candidate, Connection
from aiortc.jitterbuffer import JitterBuffer
from aiortc.sdp import MediaDescription, SessionDescription

from sidecar.webrtc.local_sdp import SdpDescription
from sidecar.webrtc.peer import Peer
from tests.support.peers import RecordingListener, Viewer, connected_with

OF_THE_GENERATION = ("a=candidate", "a=end-of-candidates", "a=ice-ufrag", "a=ice-pwd", "a=setup")


class RestartingViewer(Viewer):
    """After the first exchange: answers offers of new generations, and makes its own."""

    def __init__(self, patience: int = 128) -> None:
        """`patience`: how many packets it waits for lost ones; a power of 2, and more than a keyframe has."""
        super().__init__()
        self._patience = patience
        self.pc.on("track", lambda _: self._lose_patience())
        self._prepared: Connection | None = None
        self._going_over: asyncio.Task[None] | None = None
        self._agents: list[Connection] = []

    async def answer_restart(self, offer: SdpDescription) -> str:
        """Take an offer of a new generation; the answer's sdp."""
        agent = await self._prepare()
        setup = re.search("a=setup:.*", self.pc.localDescription.sdp)
        answer = self._describe(agent, "a=setup:active" if setup is None or "actpass" in setup[0] else setup[0])
        self._connect(agent, _media(offer.sdp))
        return answer

    async def offer_restart(self) -> str:
        """Make an offer of a new generation; its sdp."""
        self._prepared = await self._prepare()
        return self._describe(self._prepared, "a=setup:actpass")

    async def take_restart_answer(self, answer: SdpDescription) -> None:
        """Take the answer to it."""
        assert self._prepared is not None
        self._connect(self._prepared, _media(answer.sdp))

    async def close(self) -> None:
        if self._going_over is not None:
            self._going_over.cancel()
            await asyncio.gather(self._going_over, return_exceptions=True)
        await super().close()
        for agent in self._agents:
            await agent.close()

    def _lose_patience(self) -> None:
        # aiortc waits for lost packets until 512 more have come, ten seconds of a small picture; browsers do not.
        self.receiver._RTCRtpReceiver__jitter_buffer = JitterBuffer(capacity=self._patience, is_video=True)  # type: ignore[attr-defined]

    @property
    def _ice(self) -> Any:
        return self.receiver.transport.transport

    async def _prepare(self) -> Connection:
        agent = Connection(ice_controlling=self._ice._connection.ice_controlling)
        self._agents.append(agent)
        await agent.gather_candidates()
        return agent

    def _describe(self, agent: Connection, setup: str) -> str:
        lines = [line for line in self.pc.localDescription.sdp.splitlines() if not line.startswith(OF_THE_GENERATION)]
        lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in agent.local_candidates]
        lines += [f"a=ice-ufrag:{agent.local_username}", f"a=ice-pwd:{agent.local_password}", setup]
        return "\r\n".join(lines) + "\r\n"

    def _connect(self, agent: Connection, media: MediaDescription) -> None:
        assert media.ice is not None
        agent.remote_username, agent.remote_password = media.ice.usernameFragment, media.ice.password
        self._going_over = asyncio.create_task(self._go_over(agent, media))

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
        # The transport waits for data of the agent before: what wakes it up is data, here an empty DTLS record.
        if waiting != receive:
            before._queue.put_nowait((b"\x14" + bytes(12), 1))
        await before.close()


def _media(sdp: str) -> MediaDescription:
    return SessionDescription.parse(sdp).media[0]


def restartable_peers(
    **options: Any,
) -> AbstractAsyncContextManager[tuple[Peer, RecordingListener, RestartingViewer]]:
    """Connected peers; ours made the offer."""
    return connected_with(RestartingViewer(), **options)
