"""One connection: a peer and the camera session that it shows."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from sidecar.contract import events
from sidecar.contract.errors import ContractError, InvalidStateError
from sidecar.contract.types import ConnectionState, ConnectionStats, IceCandidate, IceServer
from sidecar.sessions.cameras import Session
from sidecar.sessions.limits import ANSWER_TIMEOUT
from sidecar.sessions.notify import Notify
from sidecar.webrtc.peer import Peer

log = logging.getLogger(__name__)

GENERATION = 0
"""The ICE generation of the first negotiation."""


class Connection:
    """A peer, and at most one camera session for it.

    It tells its states by notifications and calls `on_over(connection, reason)` once when it has come to its end by
    itself. It is the peer's listener. All on the loop's thread.
    """

    def __init__(
        self,
        connection_id: str,
        ice_servers: Sequence[IceServer],
        playout_delay: tuple[int, int],
        *,
        notify: Notify,
        on_over: Callable[[Connection, str], None],
    ) -> None:
        self.connection_id = connection_id
        self.session_id: str | None = None
        self.device_id: str | None = None
        self.is_over = False
        self._created_at = time.monotonic()
        self._notify = notify
        self._on_over = on_over
        self._session: Session | None = None
        self._video_reserved = False
        self.state: ConnectionState = "new"
        self.peer = Peer(connection_id, ice_servers=ice_servers, playout_delay=playout_delay, listener=self)
        self._answer_timer = asyncio.get_running_loop().call_later(ANSWER_TIMEOUT, self._unanswered)

    # -- signalling ---------------------------------------------------------------------------------------------------

    async def set_remote_description(self, kind: str, sdp: str) -> None:
        """The other peer's description. Raises InvalidSdpError, InvalidStateError."""
        await self.peer.set_remote_description(kind, sdp)
        self._answer_timer.cancel()

    # -- video --------------------------------------------------------------------------------------------------------

    def reserve_video(self) -> None:
        """Make room for a camera. Raises InvalidStateError when the connection shows one, or is about to."""
        if self._video_reserved:
            raise InvalidStateError(
                "the connection shows a camera already", hint="Close it, or use a connection for each camera."
            )
        self._video_reserved = True

    def video_failed(self) -> None:
        """The camera could not be opened."""
        self._video_reserved = False

    def start_video(self, session: Session) -> None:
        """Show the camera of `session`."""
        self._session = session
        self.session_id = session.session_id
        self.device_id = session.camera.device.device_id
        self.peer.add_video()
        self._show()

    def stop_video(self) -> Session | None:
        """Show nothing any more; returns the session that was shown."""
        session, self._session = self._session, None
        self._video_reserved = False
        if session is not None:
            session.camera.remove_viewer(self.peer)
        return session

    def _show(self) -> None:
        """Nothing is encoded for a peer that is not there yet."""
        if self._session is not None and self.peer.connection_state == "connected":
            self._session.camera.add_viewer(self.peer)

    def session_ended(self, error: ContractError | None) -> None:
        """The session was ended by somebody else: stopped by stop_streaming, or its camera lost."""
        if self.stop_video() is not None and error is not None:
            self._over(error.message)

    # -- the end ------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close the peer. The session is ended by the caller, who then calls `closed`."""
        self.is_over = True
        self._answer_timer.cancel()
        await self.peer.close()

    def closed(self, reason: str | None) -> None:
        """Peer and camera are let go: tell it."""
        self._tell("closed", reason)

    def _over(self, reason: str) -> None:
        if not self.is_over:
            self.is_over = True
            self._on_over(self, reason)

    def _unanswered(self) -> None:
        reason = f"no description of the other peer came within {ANSWER_TIMEOUT:g} s"
        self._tell("failed", reason)
        self._over(reason)

    # -- the peer's listener ------------------------------------------------------------------------------------------

    def ice_candidate(self, candidate: IceCandidate | None) -> None:
        """A local candidate was found; None ends them."""
        self._notify(
            "ice_candidate",
            events.IceCandidateEvent(connection_id=self.connection_id, generation=GENERATION, candidate=candidate),
        )

    def state_changed(self, state: ConnectionState, reason: str | None) -> None:
        """The peer's state changed. One that failed or was closed from afar ends the connection."""
        if state == "closed":
            self._over(reason or "the peer closed the connection")
            return
        self._tell(state, reason)
        if state == "connected":
            self._show()
        elif state == "failed":
            self._over(reason or "the connection failed")

    def keyframe_needed(self, reason: str) -> None:
        """The viewer cannot go on without a keyframe."""
        if self._session is not None:
            log.debug("connection %s: keyframe needed: %s", self.connection_id, reason)
            self._session.camera.keyframes.want()

    def bitrate_estimated(self, bps: int) -> None:
        """The link carries this many bits per second."""
        if self._session is not None:
            self._session.camera.link_carries(self.peer, bps)

    # -- statistics ---------------------------------------------------------------------------------------------------

    def stats(self) -> ConnectionStats:
        """A snapshot of the counters."""
        peer = self.peer.stats()
        first_frame = peer.first_frame_sent_at
        return ConnectionStats(
            connection_id=self.connection_id,
            session_id=self.session_id,
            device_id=self.device_id,
            state=self.state,
            time_to_first_frame_ms=None if first_frame is None else (first_frame - self._created_at) * 1000,
            reconnections=0,
            candidate_pair=peer.candidate_pair,
            round_trip_time_ms=peer.round_trip_time_ms,
            packets_sent=peer.packets_sent,
            bytes_sent=peer.bytes_sent,
            frames_sent=peer.frames_sent,
            frames_dropped=peer.frames_dropped,
            packets_lost=peer.packets_lost,
            fraction_lost=peer.fraction_lost,
            jitter_ms=peer.jitter_ms,
            nack_count=peer.nack_count,
            pli_count=peer.pli_count,
            fir_count=peer.fir_count,
            retransmitted_packets_sent=peer.retransmitted_packets_sent,
            available_bitrate=peer.available_bitrate,
            encoded_to_sent_ms=peer.encoded_to_sent_ms,
        )

    def _tell(self, state: ConnectionState, reason: str | None) -> None:
        if state == self.state:
            return
        self.state = state
        log.info("connection %s: %s%s", self.connection_id, state, f" ({reason})" if reason else "")
        self._notify(
            "connection_state",
            events.ConnectionStateEvent(
                connection_id=self.connection_id, generation=GENERATION, state=state, reason=reason
            ),
        )
