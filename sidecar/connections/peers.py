"""The peers of one WebRTC connection: the peer in use, and a substitute while the viewer is lost."""

from __future__ import annotations

from collections.abc import Callable

from sidecar.contract.errors import InvalidStateError
from sidecar.contract.types import IceCandidate
from sidecar.tasks import Tasks
from sidecar.webrtc.peer import Peer


class Peers:
    """Creates and closes the peers of a connection.

    `current` is the peer in use. `substitute` is a fresh peer that is offered to a lost viewer beside it. The peer that
    reaches the viewer stays in use, and the other is closed.
    """

    def __init__(self, create: Callable[[], Peer], on_failed: Callable[[BaseException], None]) -> None:
        """`on_failed` gets the exception of a peer that could not be closed."""
        self.current = create()
        self.substitute: Peer | None = None
        self._create = create
        self._closing = Tasks(on_failed)
        self._first_frame_sent_at: float | None = None

    @property
    def first_frame_sent_at(self) -> float | None:
        """When the first frame of the connection was sent, as time.monotonic()."""
        return self._first_frame_sent_at or self.current.first_frame_sent_at

    def offerer(self, generation: int | None) -> Peer:
        """Return the peer whose newest offer has this ICE generation; None: the peer of the newest offer.

        Raises InvalidStateError when a newer offer has replaced that of the generation.
        """
        if generation is None:
            return self.substitute or self.current
        for peer in (self.substitute, self.current):
            if peer is not None and peer.described_generation == generation:
                return peer
        message = f"the offer of generation {generation} was replaced by another"
        raise InvalidStateError(message, hint="Answer the newest renegotiation_offer.")

    def receiver_of(self, candidate: IceCandidate | None) -> Peer:
        """Return the peer that a candidate of the viewer belongs to."""
        is_of_current = candidate is not None and self.current.knows(candidate)
        return self.current if is_of_current else self.substitute or self.current

    def create_substitute(self) -> Peer:
        """Return a fresh peer, which replaces the substitute, if there is one."""
        self.discard_substitute()
        self.substitute = self._create()
        return self.substitute

    def discard_substitute(self) -> None:
        """Close the substitute, if there is one."""
        substitute, self.substitute = self.substitute, None
        if substitute is not None:
            self._closing.spawn(substitute.close())

    def use_substitute(self) -> None:
        """Replace the peer in use by the substitute, which has reached the viewer."""
        assert self.substitute is not None
        self._first_frame_sent_at = self.first_frame_sent_at
        self._closing.spawn(self.current.close())
        self.current, self.substitute = self.substitute, None

    async def close(self) -> None:
        """Close all peers. Takes a second at most."""
        self.discard_substitute()
        self._closing.spawn(self.current.close())
        await self._closing.wait()
