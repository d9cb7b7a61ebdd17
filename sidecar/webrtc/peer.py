"""One WebRTC connection that sends one video: signalling, connecting, sending, losing, restarting and closing."""

from __future__ import annotations

import asyncio
import itertools
import logging
import ssl
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from aioice import Candidate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters

from sidecar.contract.errors import InvalidSdpError, InvalidStateError
from sidecar.contract.types import (
    ConnectionState,
    IceCandidate,
    IceConnectionState,
    IceGatheringState,
    IceServer,
    OutboundStats,
)
from sidecar.media.access_unit import AccessUnit
from sidecar.media.subscription import Subscription
from sidecar.webrtc import stats
from sidecar.webrtc.attached_subscription import AttachedSubscription
from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.guarded_calls import call_owner
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.candidates import to_contract, username_fragment_of
from sidecar.webrtc.ice.generation import IceGeneration, IceGenerations
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.sockets import SocketBudget
from sidecar.webrtc.liveness import Liveness
from sidecar.webrtc.policy import PeerPolicy
from sidecar.webrtc.sdp import RemoteDescription, SdpDescription
from sidecar.webrtc.signalling import Signalling

if TYPE_CHECKING:
    from sidecar.webrtc.rtp.rtp_session import RtpSession

logger = logging.getLogger(__name__)


class PeerListener(Protocol):
    """The notifications of a peer to its owner, always on the event loop's thread."""

    def ice_candidate(self, peer: Peer, generation: int, candidate: IceCandidate | None) -> None:
        """A STUN or TURN server gave a candidate; None: no more. Host candidates stand in the sdp."""

    def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
        """The connection's state changed; `reason` explains a failure to a person. Never `reconnecting`."""


class Peer:
    """A connection to one viewer (W3C RTCPeerConnection, for one sendonly H.264 video).

    Every description has the video, so a camera can be connected before or after the signalling. The owner calls
    close() in the end, also after `failed` and after the peer has closed the connection.

    A silent viewer makes the peer `disconnected`, without a time limit: any sign of life makes it `connected` again,
    and so does an ICE restart by either side. DTLS, SRTP and the stream continue over the new path.

    Raises as parse_ice_servers for ICE servers that cannot be used.
    """

    def __init__(
        self,
        connection_id: str,
        *,
        ice_servers: Sequence[IceServer],
        ice_policy: IcePolicy | None = None,
        sockets: SocketBudget | None = None,
        playout_delay: tuple[int, int] | None = None,
        listener: PeerListener,
        generations: Iterator[int] | None = None,
        policy: PeerPolicy | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`generations` gives the numbers of ICE generations, for peers that follow one another in one connection."""
        self.connection_id = connection_id
        self._listener = listener
        self._playout_delay = playout_delay
        self._policy = policy or PeerPolicy()
        self._connection_state: ConnectionState = "new"
        self._ice_state: IceConnectionState = "new"
        self._operations = asyncio.Lock()
        self._liveness = Liveness()
        self._ice = IceGenerations(
            generations or itertools.count(),
            AgentSettings.of(ice_servers, ice_policy, sockets, tls),
            on_candidate=self._on_local_candidate,
            on_heard=self._on_heard,
        )
        self._dtls = DtlsTransport(self._ice.transport, Certificate.generateCertificate(), self._on_rtcp)
        self._dtls.on("statechange", self._on_dtls_state)
        self._signalling = Signalling(self._dtls.fingerprints)
        self._subscription = AttachedSubscription(connection_id)
        self._session: RtpSession | None = None
        self._run_task: asyncio.Task[None] | None = None
        self._close_task: asyncio.Task[None] | None = None

    # -- states -----------------------------------------------------------------------------------------------------

    @property
    def connection_state(self) -> ConnectionState:
        """W3C RTCPeerConnectionState."""
        return self._connection_state

    @property
    def ice_connection_state(self) -> IceConnectionState:
        """W3C RTCIceConnectionState."""
        return self._ice_state

    @property
    def ice_gathering_state(self) -> IceGatheringState:
        """W3C RTCIceGatheringState."""
        return self._ice.newest.agent.gathering_state

    @property
    def generation(self) -> int:
        """The number of the ICE generation in use."""
        return self._ice.current.number

    @property
    def described_generation(self) -> int:
        """The number of the ICE generation of the newest local description."""
        return self._ice.newest.number

    @property
    def ice_agents(self) -> tuple[IceAgent, ...]:
        """The ICE agents: of the generation in use, and of a restart that has found no path yet. The peer owns them."""
        return self._ice.agents

    @property
    def first_frame_sent_at(self) -> float | None:
        """When the first frame was sent, as time.monotonic()."""
        return self._session.first_frame_sent_at if self._session is not None else None

    def stats(self) -> OutboundStats:
        """Return a snapshot of all counters."""
        return stats.collect(self._ice.current.agent, self._session)

    # -- signalling (W3C WebRTC, 4.4.1.5; RFC 9429) -----------------------------------------------------------------

    def add_video(self) -> None:
        """Add the video; every description has its section already. Raises InvalidStateError on a closed connection."""
        self._signalling.check_open()

    async def create_offer(self, *, ice_restart: bool = False) -> SdpDescription:
        """Return an offer, which is the local description from now on; it has all host candidates.

        Before the first answer a second call returns the same offer with the candidates found since. Later offers
        restart ICE: each has a new generation, and replaces an unanswered offer. Raises InvalidStateError.
        """
        async with self._operations:
            self._signalling.check_open()
            self._signalling.check_can_offer(ice_restart)
            if self._signalling.negotiated is None:
                self._ice.current.agent.ice_controlling = True
            else:
                self._check_was_connected()
                self._ice.prepare_restart()
            generation = await self._ice.gather()
            offer = self._signalling.offer(generation)
            generation.agent.start_asking_servers()
            return offer

    async def create_answer(self) -> SdpDescription:
        """Return the answer to the remote offer, and begin to connect or to restart ICE."""
        async with self._operations:
            self._signalling.check_open()
            self._signalling.check_can_answer()
            generation = await self._ice.gather()
            answer = self._signalling.answer(generation)
            self._begin()
            generation.agent.start_asking_servers()
            return answer

    async def set_remote_description(self, type: str, sdp: str) -> None:  # noqa: A002 - the W3C's names
        """Take the peer's offer or answer; after an answer connecting begins.

        Raises InvalidStateError or InvalidSdpError, and then changes no state.
        """
        async with self._operations:
            self._signalling.check_open()
            if type == "offer":
                self._take_offer(sdp)
            elif type == "answer":
                self._ice.newest.describe(self._signalling.take_answer(sdp))
                self._begin()
            else:
                raise InvalidSdpError("a description is an offer or an answer")

    async def add_ice_candidate(self, candidate: IceCandidate | None) -> None:
        """Take a candidate of the peer, at any time; None or an empty one says that there are no more.

        Candidates before the remote description are kept; candidates of another generation or section are left out.
        Raises InvalidCandidateError or LimitExceededError.
        """
        self._signalling.check_open()
        is_of_current = candidate is not None and self._ice.current.is_of(username_fragment_of(candidate))
        (self._ice.current if is_of_current else self._ice.newest).candidates.add(candidate)

    def knows(self, candidate: IceCandidate) -> bool:
        """Return whether a candidate names a generation of this peer, by its user name fragment."""
        fragment = username_fragment_of(candidate)
        return self._ice.current.is_of(fragment) or self._ice.newest.is_of(fragment)

    # -- media ------------------------------------------------------------------------------------------------------

    def attach(self, subscription: Subscription | None) -> None:
        """Send keyframe requests and the estimated link capacity to this subscription; None: to none.

        A capacity that was estimated before is reported at once.
        """
        self._subscription.attach(subscription)
        capacity = self._session.controller.link_capacity if self._session is not None else None
        if capacity is not None:
            self._subscription.report_capacity(capacity)

    def push(self, access_unit: AccessUnit) -> None:
        """Send an access unit. Without a connection, and before the first keyframe, it is left out."""
        if self._connection_state == "connected" and self._signalling.state != "closed" and self._session is not None:
            self._session.push(access_unit)

    # -- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End the connection's tasks, sockets and relays. Takes a second at most; idempotent."""
        if self._close_task is None:
            self._close_task = asyncio.create_task(self._close())
        await asyncio.shield(self._close_task)

    async def _close(self) -> None:
        self._signalling.state = "closed"
        if self._run_task is not None:
            self._run_task.cancel()
            await asyncio.wait([self._run_task])
        async with self._operations:
            if self._session is not None:
                self._session.close()
            await self._dtls.end()
            await self._ice.close()
        self._ice_state = "closed"
        self._set_state("closed", None)

    # -- inside: signalling -----------------------------------------------------------------------------------------

    def _check_was_connected(self) -> None:
        if self._session is None:
            raise InvalidStateError("the connection is not connected yet", hint="Wait for `connected` or `failed`.")

    def _on_local_candidate(self, generation: IceGeneration, candidate: Candidate | None) -> None:
        described = None
        if candidate is not None:
            mid, index = self._signalling.section
            fragment = generation.agent.local_username
            described = to_contract(candidate, mid=mid, index=index, username_fragment=fragment)
        call_owner(self.connection_id, lambda: self._listener.ice_candidate(self, generation.number, described))

    def _take_offer(self, text: str) -> None:
        before = self._signalling.negotiated
        if before is not None:
            self._check_was_connected()
        remote = self._signalling.take_offer(text)
        if before is None:
            self._ice.current.describe(remote)
            # The offerer controls, unless it is a lite agent (RFC 8445, 6.1.1).
            self._ice.current.agent.ice_controlling = remote.ice.is_lite
        elif remote.ice != before.ice:
            self._ice.prepare_restart().describe(remote)
        else:
            self._ice.drop_restart()  # the peer's offer has overtaken it

    # -- inside: connecting and its end -----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Connect, or restart ICE, now that both descriptions are known."""
        remote = self._signalling.negotiated
        assert remote is not None
        if self._run_task is None:
            self._dtls.set_role(self._signalling.role)
            self._ice_state = "checking"
            self._set_state("connecting", None)
            self._run_task = asyncio.create_task(self._run(remote))
            self._run_task.add_done_callback(self._on_task_end)
        elif self._ice.is_restarting:
            self._ice.restart(self._policy.connect_timeout).add_done_callback(self._on_task_end)

    def _on_task_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("connection %s: failed by an internal error", self.connection_id, exc_info=error)
            self._fail("an internal error of the sidecar ended the connection; its log has the details")

    async def _run(self, remote: RemoteDescription) -> None:
        try:
            async with asyncio.timeout(self._policy.connect_timeout):
                await self._connect(remote)
        except TimeoutError:
            self._fail(self._why_not_connected())
            return
        if self._dtls.state != "connected":
            self._fail(self._dtls.failure or "the DTLS handshake failed")
            return
        self._start_sending(remote)
        await self._watch()

    async def _connect(self, remote: RemoteDescription) -> None:
        await self._ice.current.agent.connect()
        self._ice_state = "connected"
        fingerprints = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in remote.fingerprints]
        await self._dtls.start(RTCDtlsParameters(fingerprints=fingerprints))

    def _why_not_connected(self) -> str:
        if self._ice_state == "connected":
            return "the peer's DTLS did not answer"
        return self._ice.current.why_no_path()

    def _start_sending(self, remote: RemoteDescription) -> None:
        # The first offer does not need these modules; the program imports them after the modules of the offer.
        from sidecar.webrtc.rtp.packets import SenderParameters
        from sidecar.webrtc.rtp.rtp_session import RtpSession

        local = self._signalling.local
        parameters = SenderParameters(
            ssrc=local.ssrc,
            rtx_ssrc=local.rtx_ssrc,
            cname=local.cname,
            mid=remote.mid or "",
            codec=remote.codec,
            extensions=remote.extensions,
            playout_delay=self._playout_delay,
        )
        self._session = RtpSession(parameters, self._dtls, self._subscription, policy=self._policy)
        self._liveness.heard()
        self._set_state("connected", None)
        self._session.start()

    async def _watch(self) -> None:
        """Send reports and watch the peer's signs of life until the connection ends."""
        assert self._session is not None
        polls = 0
        while True:
            await asyncio.sleep(self._policy.poll_interval)
            polls += 1
            if polls % 2:
                self._session.send_report()
            if not self._liveness.poll() and self._connection_state == "connected":
                self._ice.current.agent.is_lost = True
                self._session.disconnect()
                self._ice_state = "disconnected"
                self._set_state("disconnected", "the peer does not answer")

    def _on_heard(self) -> None:
        """Take a sign of life, which may have arrived on a new path."""
        self._liveness.heard()
        if self._connection_state == "disconnected" and self._session is not None:
            self._ice.current.agent.is_lost = False
            self._ice_state = "connected"
            self._set_state("connected", None)
            self._session.start()

    def _fail(self, reason: str) -> None:
        if self._connection_state != "closed":
            if self._ice_state != "connected" or self._dtls.state == "connected":
                self._ice_state = "failed"
            self._set_state("failed", reason)

    def _set_state(self, state: ConnectionState, reason: str | None) -> None:
        if state != self._connection_state:
            self._connection_state = state
            logger.debug("connection %s is %s%s", self.connection_id, state, f": {reason}" if reason else "")
            call_owner(self.connection_id, lambda: self._listener.state_changed(self, state, reason))

    def _on_dtls_state(self) -> None:
        """Close after the peer's close_notify, which alone ends aiortc's receiving task by itself."""
        if self._dtls.state == "closed" and self._signalling.state != "closed":
            if self._run_task is not None:
                self._run_task.cancel()
            self._ice.drop_restart()
            self._ice_state = "closed"
            self._set_state("closed", "the peer closed the connection")

    # -- inside: feedback -------------------------------------------------------------------------------------------

    def _on_rtcp(self, data: bytes) -> None:
        self._on_heard()
        if self._session is not None:
            self._session.receive(data)
