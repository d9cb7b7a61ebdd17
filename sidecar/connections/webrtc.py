"""A connection over WebRTC, with the recovery of a lost viewer."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from sidecar.connections.connection import Connection
from sidecar.connections.policy import ConnectionPolicy
from sidecar.connections.recovery import RecoveryPlan
from sidecar.contract import events
from sidecar.contract.errors import ContractError, InvalidStateError
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
from sidecar.webrtc.ice.networks import networks
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.servers import parse_ice_servers
from sidecar.webrtc.ice.sockets import SocketBudget
from sidecar.webrtc.peer import Peer
from sidecar.webrtc.sdp import SdpDescription

log = logging.getLogger(__name__)


class WebRtcConnection(Connection):
    """A peer, and at most one camera session for it. It is the listener of its peers.

    While the viewer is lost, a second peer, the substitute, may be tried beside the first. The peer that reaches the
    viewer stays, and the other is closed.
    """

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
        self._policy = policy
        self._new_peer = partial(
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
        self._first_frame_sent_at: float | None = None
        self._plan: RecoveryPlan | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._reconnections = 0
        self._substitute: Peer | None = None
        self.peer = self._new_peer()

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
            await self._offerer_of(generation).set_remote_description(kind, sdp)
            if self._plan is not None:
                self._plan.answered()
        self._cancel_viewer_timer()

    def _offerer_of(self, generation: int | None) -> Peer:
        if generation is None:
            return self._substitute or self.peer
        for peer in (self._substitute, self.peer):
            if peer is not None and peer.described_generation == generation:
                return peer
        message = f"the offer of generation {generation} was replaced by another"
        raise InvalidStateError(message, hint="Answer the newest renegotiation_offer.")

    def _viewer_restarts_ice(self) -> None:
        """Record that the viewer or the client restarts ICE on the present peer."""
        if self._plan is not None:
            self._discard_substitute()
            self._plan.viewer_restarted_ice(self._now())
            self._enter("reconnecting", "the viewer restarts ICE")

    async def add_ice_candidate(self, candidate: IceCandidate | None) -> None:
        """Take one of the viewer's candidates.

        Raises InvalidCandidateError, InvalidStateError, LimitExceededError.
        """
        is_of_peer = candidate is not None and self.peer.knows(candidate)
        await (self.peer if is_of_peer else self._substitute or self.peer).add_ice_candidate(candidate)

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
        if self._recovering is not None:
            self._recovering.cancel()
        self._discard_substitute()
        await asyncio.gather(self.peer.close(), *self._tasks, return_exceptions=True)

    # -- the listener of the peers ------------------------------------------------------------------------------------

    def ice_candidate(self, peer: Peer, generation: int, candidate: IceCandidate | None) -> None:
        """Notify the client of a local candidate; None ends the candidates of the generation."""
        kind = candidate.candidate.partition(" typ ")[2].split(" ")[0] if candidate is not None else "no more"
        log.info("connection %s: found a candidate: %s", self.connection_id, kind)
        event = events.IceCandidateEvent(connection_id=self.connection_id, generation=generation, candidate=candidate)
        self._notify("ice_candidate", event)

    def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
        """Take a new state of the peer in use, or of its substitute."""
        if peer is self._substitute:
            if state == "connected":
                self._use_substitute(peer)
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
                self._lost()
            elif state == "failed":
                self._end(reason or "the connection failed")

    def _connected(self) -> None:
        """Show the camera to the viewer, which is connected for the first time or again."""
        if self._plan is not None:
            self._reconnections += self.state == "reconnecting"
            self._plan = None
            self._discard_substitute()
        self._enter("connected", None)
        pair = self.peer.stats().candidate_pair
        if pair is not None:
            ends = (pair.local.type, pair.local.protocol, pair.remote.type)
            log.info("connection %s: selected pair: %s over %s to %s", self.connection_id, *ends)
        self._show()

    # -- recovery -----------------------------------------------------------------------------------------------------

    def _lost(self) -> None:
        """Close the silent viewer's subscription, and begin the recovery."""
        self._unsubscribe()
        self._plan = RecoveryPlan(self._policy.recovery, self._now())
        if self._recovering is not None:
            self._recovering.cancel()
        self._recovering = self._start(self._recover(self._plan))

    async def _recover(self, plan: RecoveryPlan) -> None:
        known = networks()
        while self._plan is plan:
            step = plan.step(self._now())
            if step == "give_up":
                self._give_up(plan.reason or "the viewer was lost")
            elif step != "wait":
                await self._offer_again(plan, replaces_peer=step == "replace")
            await asyncio.sleep(max(0.0, min(plan.due_at - self._now(), self._policy.network_interval)))
            current = networks()
            if current - known:
                log.info("connection %s: a network appeared", self.connection_id)
                plan.network_appeared(self._now())
            known = current

    async def _offer_again(self, plan: RecoveryPlan, replaces_peer: bool) -> None:
        """Offer the viewer an ICE restart of the peer, or a fresh peer in its place."""
        self._discard_substitute()
        peer = self.peer
        if replaces_peer:
            peer = self._substitute = self._new_peer()
        try:
            offer = await peer.create_offer(ice_restart=not replaces_peer)
        except ContractError as error:
            log.info("connection %s: no reconnection offer could be made: %s", self.connection_id, error.message)
            return
        if self._plan is not plan or self.has_ended:
            return
        generation = peer.described_generation
        log.info("connection %s: offers generation %d", self.connection_id, generation)
        self._enter("reconnecting", "the viewer does not answer; it was offered another path")
        event = events.RenegotiationOffer(
            connection_id=self.connection_id,
            generation=generation,
            sdp_type="offer",
            sdp=offer.sdp,
            replaces_peer=replaces_peer,
        )
        self._notify("renegotiation_offer", event)

    def _use_substitute(self, substitute: Peer) -> None:
        """Replace the peer by the substitute, which has reached the viewer."""
        self._unsubscribe()
        before, self.peer, self._substitute = self.peer, substitute, None
        self._first_frame_sent_at = self._first_frame_sent_at or before.first_frame_sent_at
        self._start(before.close())
        self._connected()

    def _discard_substitute(self) -> None:
        substitute, self._substitute = self._substitute, None
        if substitute is not None:
            self._start(substitute.close())

    def _give_up(self, reason: str) -> None:
        self._plan = None
        self._enter("failed", reason)
        self._end(reason)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("connection %s: failed by an internal error", self.connection_id, exc_info=error)
            self._give_up("an internal error of the sidecar ended the connection; its log has the details")

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

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
        first_frame_sent_at = self._first_frame_sent_at or self.peer.first_frame_sent_at
        return ConnectionStats(
            connection_id=self.connection_id,
            session_id=self.session_id,
            device_id=self.device_id,
            state=self.state,
            transport="webrtc",
            encoding=self._encoding,
            time_to_first_frame_ms=self._milliseconds_until(first_frame_sent_at),
            reconnections=self._reconnections,
            **vars(self.peer.stats()),
        )
