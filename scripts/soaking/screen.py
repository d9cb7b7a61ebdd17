"""One connection in a viewer: its receiver, and a substitute that may replace it."""

from __future__ import annotations

import asyncio

from soaking.network import Network
from soaking.receiver import Receiver


class CannotAnswerError(Exception):
    """The receiver cannot answer this offer; the sidecar then makes another one."""


class Screen:
    """Answers all offers of one connection, as the shell's player does (tauri-shell/player/src/webrtc-stream.js)."""

    def __init__(self, network: Network) -> None:
        self.can_restart = True
        """Whether the receiver answers offers that restart ICE."""

        self._network = network
        self._receiver = Receiver()
        self._substitute: Receiver | None = None
        self._substitute_generation = 0
        self._frames_before = 0
        self._is_described = False
        self._answering = asyncio.Lock()

    @property
    def frames(self) -> int:
        """The number of pictures of all receivers so far."""
        return self._frames_before + self._receiver.frames

    async def answer(self, sdp: str, generation: int, replaces_peer: bool) -> str:
        """Answer an offer. Raises CannotAnswerError."""
        async with self._answering:
            await self._drop_substitute()
            if replaces_peer:
                self._substitute, self._substitute_generation = Receiver(), generation
                return await self._substitute.answer(sdp)
            if not self._is_described:
                self._is_described = True
                return await self._receiver.answer(sdp)
            if not self.can_restart:
                raise CannotAnswerError
            return await self._receiver.answer_restart(sdp)

    async def connected(self, generation: int) -> None:
        """Take the report that the connection is connected in this ICE generation."""
        async with self._answering:
            if self._substitute is None:
                return
            if generation == self._substitute_generation:
                await self._put_in_place(self._substitute)
            else:
                await self._drop_substitute()  # the previous path works again

    def give_up_the_way(self) -> None:
        """Cut the sockets in use for good."""
        self._network.give_up(self._receiver.sockets)

    async def close(self) -> None:
        """Close the receivers."""
        async with self._answering:
            await self._drop_substitute()
            await self._receiver.close()

    async def _put_in_place(self, substitute: Receiver) -> None:
        before, self._receiver, self._substitute = self._receiver, substitute, None
        self._frames_before += before.frames
        self.can_restart = True
        await before.close()

    async def _drop_substitute(self) -> None:
        substitute, self._substitute = self._substitute, None
        if substitute is not None:
            await substitute.close()
