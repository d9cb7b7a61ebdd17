"""A connection over WebRTC: signalling, video, states and statistics."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from functools import partial

from sidecar.connections.connection import Connection
from sidecar.connections.peers import Peers
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.reconnection import Reconnection, ReconnectionOffer
from sidecar.contract import events
from sidecar.contract.events import Notify
from sidecar.contract.types import (
    ConnectionState,
    ConnectionStats,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    IceServer,
)
from sidecar.media.subscription import Subscription
from sidecar.streams.sessions import Session
from sidecar.webrtc.ice.networks import NetworkQuery
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.servers import parse_ice_servers
from sidecar.webrtc.ice.sockets import SocketBudget
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import SdpDescription

log = logging.getLogger(__name__)


class WebRtcConnection(Connection):
    """A connection to a viewer over WebRTC. It is the listener of its peers and of their reconnection."""

    def __init__(
        self,
        connection_id: str,
        ice_servers: Sequence[IceServer],
        playout_delay: tuple[int, int] | None,
        *,
        notify: Notify,
        on_ended: Callable[[Connection, str], None],
        policy: ConnectionPolicy,
        ice: IcePolicy,
        sockets: SocketBudget,
        networks: NetworkQuery,
    ) -> None:
        """Raises IceServerError, IceServerNotAllowedError or LimitExceededError for servers that cannot be asked."""
        parse_ice_servers(ice_servers, ice)  # before the viewer's timer starts, so that an error leaves none behind
        super().__init__(
            connection_id,
            notify=notify,
            on_ended=on_ended,
            viewer_timeout=policy.answer_timeout,
            timeout_reason=f"no description of the viewer arrived within {policy.answer_timeout:g} s",
        )
        create_peer = partial(
            Peer,
            connection_id,
            ice_servers=ice_servers,
            ice_policy=ice,
            sockets=sockets,
            playout_delay=playout_delay,
            listener=self,
            generations=itertools.count(),
            policy=policy.peer,
        )
        self._peers = Peers(create_peer, on_failed=self._broke)
        self._reconnection = Reconnection(
            connection_id, self._peers, listener=self, policy=policy, networks=networks, on_failed=self._broke
        )
        self._reconnections = 0

    @property
    def peer(self) -> Peer:
        """The peer in use; a reconnection may replace it."""
        return self._peers.current

    # -- signalling ---------------------------------------------------------------------------------------------------

    async def create_offer(self, ice_restart: bool = False) -> tuple[SdpDescription, int]:
        """Return an offer and its ICE generation. Raises InvalidStateError."""
        offer = await self.peer.create_offer(ice_restart=ice_restart)
        self._viewer_restarts_ice()
        return offer, self.peer.described_generation

    async def create_answer(self) -> tuple[SdpDescription, int]:
        """Return the answer to the viewer's offer and its ICE generation. Raises InvalidStateError."""
        return await self.peer.create_answer(), self.peer.described_generation

    async def set_remote_description(self, kind: str, sdp: str, generation: int | None = None) -> None:
        """Take the viewer's offer or answer; an answer may name the generation of its offer.

        Raises InvalidSdpError, InvalidStateError.
        """
        if kind == "offer":
            await self.peer.set_remote_description(kind, sdp)
            self._viewer_restarts_ice()
        else:
            await self._peers.offerer(generation).set_remote_description(kind, sdp)
            self._reconnection.answered()
        self._cancel_viewer_timer()

    def _viewer_restarts_ice(self) -> None:
        """Record that the viewer or the client restarts ICE, if the viewer was lost."""
        if self._reconnection.viewer_restarted_ice():
            self._enter("reconnecting", "the viewer restarts ICE")

    async def add_ice_candidate(self, candidate: IceCandidate | None) -> None:
        """Take one of the viewer's candidates.

        Raises InvalidCandidateError, InvalidStateError, LimitExceededError.
        """
        await self._peers.receiver_of(candidate).add_ice_candidate(candidate)

    # -- video --------------------------------------------------------------------------------------------------------

    def start_video(self, session: Session) -> None:
        """Show the camera of `session`."""
        super().start_video(session)
        self.peer.add_video()
        self._show()

    def _show(self) -> None:
        """Subscribe the peer if it is connected: no access unit is encoded for a peer that cannot send it."""
        if self._session is not None and self._subscription is None and self.peer.connection_state == "connected":
            self._subscribe(self._session.stream.subscribe(self.peer))

    def _attach(self, subscription: Subscription | None) -> None:
        self.peer.attach(subscription)

    async def _release(self, reason: str | None) -> None:
        await self._reconnection.close()
        await self._peers.close()

    # -- the listener of the peers ------------------------------------------------------------------------------------

    def ice_candidate(self, peer: Peer, generation: int, candidate: IceCandidate | None) -> None:
        """Notify the client of a local candidate; None ends the candidates of the generation."""
        kind = candidate.candidate.partition(" typ ")[2].split(" ")[0] if candidate is not None else "no more"
        log.info("connection %s: found a candidate: %s", self.connection_id, kind)
        event = events.IceCandidateEvent(connection_id=self.connection_id, generation=generation, candidate=candidate)
        self._notify("ice_candidate", event)

    def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
        """Take a new state of the peer in use, or of its substitute."""
        if peer is self._peers.substitute:
            if state == "connected":
                self._use_substitute()
        elif peer is self.peer:
            self._peer_changed(state, reason)

    def _peer_changed(self, state: ConnectionState, reason: str | None) -> None:
        """Connect, recover, or end the connection with a peer that failed or was closed by the viewer."""
        if state == "closed":
            self._end(reason or "the peer closed the connection")
        elif state == "connected":
            self._connected()
        else:
            self._enter(state, reason)
            if state == "disconnected":
                self._unsubscribe()  # no frame is encoded for a silent viewer
                self._reconnection.begin()
            elif state == "failed":
                self._end(reason or "the connection failed")

    def _connected(self) -> None:
        """Show the camera to the viewer, which is connected for the first time or again."""
        self._reconnections += self.state == "reconnecting"
        self._reconnection.end()
        self._enter("connected", None)
        pair = self.peer.stats().candidate_pair
        if pair is not None:
            ends = (pair.local.type, pair.local.protocol, pair.remote.type)
            log.info("connection %s: selected pair: %s over %s to %s", self.connection_id, *ends)
        self._show()

    def _use_substitute(self) -> None:
        """Show the camera over the substitute, which has reached the viewer."""
        self._unsubscribe()
        self._peers.use_substitute()
        self._connected()

    # -- the listener of the reconnection -----------------------------------------------------------------------------

    def reconnection_offered(self, offer: ReconnectionOffer) -> None:
        """Send an offer to the lost viewer by a notification."""
        if self.has_ended:
            return
        log.info("connection %s: offers generation %d", self.connection_id, offer.generation)
        self._enter("reconnecting", "the viewer does not answer; it was offered another path")
        event = events.RenegotiationOffer(
            connection_id=self.connection_id,
            generation=offer.generation,
            sdp_type="offer",
            sdp=offer.sdp,
            replaces_peer=offer.replaces_peer,
        )
        self._notify("renegotiation_offer", event)

    def reconnection_given_up(self, reason: str) -> None:
        """End the connection: its viewer was not found."""
        self._fail(reason)

    def _broke(self, error: BaseException) -> None:
        """End the connection after an internal error of a task."""
        log.error("connection %s: failed by an internal error", self.connection_id, exc_info=error)
        if not self.has_ended:
            self._reconnection.end()
            self._fail("an internal error of the sidecar ended the connection; its log has the details")

    # -- states and statistics ----------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """The ICE generation in use."""
        return self.peer.generation

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """The W3C state."""
        return self.peer.ice_connection_state

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """The W3C state."""
        return self.peer.ice_gathering_state

    def stats(self) -> ConnectionStats:
        """Return a snapshot of the counters of the peer in use."""
        return ConnectionStats(
            connection_id=self.connection_id,
            session_id=self.session_id,
            device_id=self.device_id,
            state=self.state,
            transport="webrtc",
            encoding=self._encoding,
            time_to_first_frame_ms=self._milliseconds_until(self._peers.first_frame_sent_at),
            reconnections=self._reconnections,
            **vars(self.peer.stats()),
        )
