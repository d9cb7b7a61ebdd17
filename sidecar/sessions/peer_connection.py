"""A connection over WebRTC."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sidecar.contract import events
from sidecar.contract.types import (
    ConnectionState,
    ConnectionStats,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    IceServer,
)
from sidecar.sessions.cameras import Session
from sidecar.sessions.connection import GENERATION, Connection
from sidecar.sessions.limits import ANSWER_TIMEOUT
from sidecar.sessions.notify import Notify
from sidecar.webrtc.peer import Peer

log = logging.getLogger(__name__)


class PeerConnection(Connection):
    """A peer, and at most one camera session for it. It is the peer's listener."""

    def __init__(
        self,
        connection_id: str,
        ice_servers: Sequence[IceServer],
        playout_delay: tuple[int, int],
        *,
        notify: Notify,
        on_over: Callable[[Connection, str], None],
    ) -> None:
        absence = f"no description of the other peer came within {ANSWER_TIMEOUT:g} s"
        super().__init__(connection_id, notify=notify, on_over=on_over, patience=ANSWER_TIMEOUT, absence=absence)
        self.peer = Peer(connection_id, ice_servers=ice_servers, playout_delay=playout_delay, listener=self)

    async def set_remote_description(self, kind: str, sdp: str) -> None:
        """The other peer's description. Raises InvalidSdpError, InvalidStateError."""
        await self.peer.set_remote_description(kind, sdp)
        self._somebody_came()

    # -- video --------------------------------------------------------------------------------------------------------

    def start_video(self, session: Session) -> None:
        """Show the camera of `session`."""
        super().start_video(session)
        self.peer.add_video()
        self._show()

    def _show(self) -> None:
        """Nothing is encoded for a peer that is not there yet."""
        if self._session is not None and self.peer.connection_state == "connected":
            self._session.camera.encodings.add_viewer(self.peer)

    def _hide(self, session: Session) -> None:
        session.camera.encodings.remove_viewer(self.peer)

    def _want_keyframe(self, session: Session) -> None:
        session.camera.encodings.keyframe_needed(self.peer)

    async def _release(self, reason: str | None) -> None:
        await self.peer.close()

    # -- the peer's listener ------------------------------------------------------------------------------------------

    def ice_candidate(self, candidate: IceCandidate | None) -> None:
        """A local candidate was found; None ends them."""
        kind = candidate.candidate.partition(" typ ")[2].split(" ")[0] if candidate is not None else "no more"
        log.info("connection %s: found a candidate: %s", self.connection_id, kind)
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
            self._log_pair()
            self._show()
        elif state == "failed":
            self._over(reason or "the connection failed")

    def _log_pair(self) -> None:
        pair = self.peer.stats().candidate_pair
        if pair is not None:
            ends = (pair.local.type, pair.local.protocol, pair.remote.type)
            log.info("connection %s: goes from %s over %s to %s", self.connection_id, *ends)

    def bitrate_estimated(self, bps: int) -> None:
        """The link carries this many bits per second."""
        if self._session is not None:
            self._session.camera.encodings.link_carries(self.peer, bps)

    # -- what others ask ----------------------------------------------------------------------------------------------

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """The W3C state."""
        return self.peer.ice_connection_state

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """The W3C state."""
        return self.peer.ice_gathering_state

    def stats(self) -> ConnectionStats:
        """A snapshot of the counters."""
        peer = self.peer.stats()
        return ConnectionStats(
            connection_id=self.connection_id,
            session_id=self.session_id,
            device_id=self.device_id,
            state=self.state,
            transport="webrtc",
            encoding=self._encoding_of(self.peer),
            time_to_first_frame_ms=self._milliseconds_until(peer.first_frame_sent_at),
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
            link_bitrate=peer.link_bitrate,
            encoded_to_sent_ms=peer.encoded_to_sent_ms,
            newest_frame=peer.newest_frame,
        )
