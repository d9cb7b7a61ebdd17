"""A far peer that can restart ICE, which aiortc cannot."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from aiortc.jitterbuffer import JitterBuffer
from soaking.ice_restart import IceRestarts

from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import RecordingListener, Viewer, connected_with


class RestartingViewer(Viewer):
    """After the first exchange: answers offers of new generations, and makes its own."""

    def __init__(self, patience: int = 128) -> None:
        """`patience`: how many packets it waits for lost ones; a power of 2, and more than a keyframe has."""
        super().__init__()
        self._patience = patience
        self._restarts = IceRestarts(self.pc)
        self.pc.on("track", lambda _: self._lose_patience())

    async def answer_restart(self, offer: SdpDescription) -> str:
        """Take an offer of a new generation; the answer's sdp."""
        return await self._restarts.answer(offer.sdp)

    async def offer_restart(self) -> str:
        """Make an offer of a new generation; its sdp."""
        return await self._restarts.offer()

    async def take_restart_answer(self, answer: SdpDescription) -> None:
        """Take the answer to it."""
        await self._restarts.take_answer(answer.sdp)

    async def close(self) -> None:
        await super().close()
        await self._restarts.close()

    def _lose_patience(self) -> None:
        # aiortc waits for lost packets until 512 more have come, ten seconds of a small picture; browsers do not.
        self.receiver._RTCRtpReceiver__jitter_buffer = JitterBuffer(capacity=self._patience, is_video=True)  # type: ignore[attr-defined]


def restartable_peers(
    **options: Any,
) -> AbstractAsyncContextManager[tuple[Peer, RecordingListener, RestartingViewer]]:
    """Connected peers; ours made the offer."""
    return connected_with(RestartingViewer(), **options)
