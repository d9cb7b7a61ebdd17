"""One WebRTC connection that sends one video: signalling, connecting, sending, losing, restarting and closing."""

from __future__ import annotations

import asyncio
import itertools
import logging
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

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
from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.ice.candidates import to_contract, username_fragment_of
from sidecar.webrtc.ice.generation import IceGeneration, IceGenerations
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.sockets import SocketBudget
from sidecar.webrtc.liveness import TICK, Liveness
from sidecar.webrtc.rtp.bandwidth import BandwidthEstimator
from sidecar.webrtc.rtp.feedback import Feedback
from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.sender import RtpSender
from sidecar.webrtc.sdp import RemoteDescription, SdpDescription
from sidecar.webrtc.signalling import Signalling

CONNECT_TIMEOUT = 15.0
"""Seconds from the remote description to the first packet that can be sent; browsers take as long to fail."""

logger = logging.getLogger(__name__)


class PeerListener(Protocol):
    """What a peer tells its owner, always on the loop's thread."""

    def ice_candidate(self, peer: Peer, generation: int, candidate: IceCandidate | None) -> None:
        """A STUN or TURN server gave a candidate; None: no more. Host candidates stand in the sdp."""

    def state_changed(self, peer: Peer, state: ConnectionState, reason: str | None) -> None:
        """The connection's state changed; `reason` says in words why it went wrong. Never `reconnecting`."""


class Peer:
    """A connection to one viewer (W3C RTCPeerConnection, for one sendonly H.264 video).

    Every description has the video, so a camera can be connected before or after the signalling. The owner calls
    close() in the end, also after `failed` and after a `closed` that came from the peer.
    The target bitrate of the access units tells a still picture from a narrow network.

    A viewer that is silent makes the peer `disconnected`, for as long as the owner likes: any sign of life makes it
    `connected` again, and so does an ICE restart, by either side. DTLS, SRTP and the stream go on over the new path.

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
        connect_timeout: float = CONNECT_TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`generations` gives the numbers of ICE generations, for peers that follow one another in one connection."""
        self.connection_id = connection_id
        self._listener = listener
        self._playout_delay = playout_delay
        self._connect_timeout = connect_timeout
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
        self._estimator = BandwidthEstimator()
        self._sender: RtpSender | None = None
        self._feedback: Feedback | None = None
        self._subscription: Subscription | None = None
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
        """The number of the one that our newest description is of."""
        return self._ice.newest.number

    @property
    def first_frame_sent_at(self) -> float | None:
        """When the first picture was sent, as time.monotonic()."""
        return self._sender.first_frame_sent_at if self._sender is not None else None

    def stats(self) -> OutboundStats:
        """All counters, now."""
        return stats.collect(self._ice.current.agent, self._sender, self._feedback, self._estimator)

    # -- signalling (W3C WebRTC, 4.4.1.5; RFC 9429) -----------------------------------------------------------------

    def add_video(self) -> None:
        """Ask for the video section before the first description. Every description has it, so nothing changes."""
        self._signalling.check_open()

    async def create_offer(self, *, ice_restart: bool = False) -> SdpDescription:
        """Make an offer and take it as the local description; it has all host candidates, no network is waited for.

        Called again before the first answer it is the same offer, with the candidates found since. Later ones restart
        ICE: each is of a new generation, and replaces one that was not answered. Raises InvalidStateError.
        """
        async with self._operations:
            self._signalling.check_open()
            self._signalling.check_can_offer(ice_restart)
            if self._signalling.negotiated is None:
                self._ice.current.agent.ice_controlling = True
            else:
                self._check_came_up()
                self._ice.prepare_restart()
            generation = await self._ice.gather()
            offer = self._signalling.offer(generation)
            generation.agent.start_asking_servers()
            return offer

    async def create_answer(self) -> SdpDescription:
        """Answer the remote offer, take that as the local description and begin to connect, or to restart ICE."""
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

        Raises InvalidStateError or InvalidSdpError, and then nothing has changed.
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

        Candidates before the remote description are kept. Those of another generation or another section are left
        out. Raises InvalidCandidateError or LimitExceededError.
        """
        self._signalling.check_open()
        is_of_current = candidate is not None and self._ice.current.is_of(username_fragment_of(candidate))
        (self._ice.current if is_of_current else self._ice.newest).candidates.add(candidate)

    def knows(self, candidate: IceCandidate) -> bool:
        """Whether a candidate says that it belongs to a generation of this peer's."""
        fragment = username_fragment_of(candidate)
        return self._ice.current.is_of(fragment) or self._ice.newest.is_of(fragment)

    # -- media ------------------------------------------------------------------------------------------------------

    def attach(self, subscription: Subscription | None) -> None:
        """Send keyframe requests and the estimated link capacity to this subscription; None: to none.

        A capacity that was estimated before is reported at once.
        """
        self._subscription = subscription
        capacity = self._estimator.estimate
        if subscription is not None and capacity is not None:
            subscription.report_capacity(capacity)

    def push(self, access_unit: AccessUnit) -> None:
        """Send an access unit now. Without a connection, and before its first keyframe, it is left out."""
        if self._connection_state == "connected" and self._signalling.state != "closed" and self._sender is not None:
            self._estimator.target_bitrate = self._sender.bitrate_aimed_at = access_unit.target_bitrate
            self._sender.push(access_unit)

    # -- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End everything that the connection has: tasks, sockets, relays. Takes a second at most; can be repeated."""
        if self._close_task is None:
            self._close_task = asyncio.create_task(self._close())
        await asyncio.shield(self._close_task)

    async def _close(self) -> None:
        self._signalling.state = "closed"
        if self._run_task is not None:
            self._run_task.cancel()
            await asyncio.wait([self._run_task])
        async with self._operations:
            if self._sender is not None:
                self._sender.close()
            await self._dtls.end()
            await self._ice.close()
        self._ice_state = "closed"
        self._set_state("closed", None)

    # -- inside: signalling -----------------------------------------------------------------------------------------

    def _check_came_up(self) -> None:
        if self._sender is None:
            raise InvalidStateError("the connection has not come up yet", hint="Wait for `connected` or `failed`.")

    def _on_local_candidate(self, generation: IceGeneration, candidate: Candidate | None) -> None:
        described = None
        if candidate is not None:
            mid, index = self._signalling.section
            fragment = generation.agent.local_username
            described = to_contract(candidate, mid=mid, index=index, username_fragment=fragment)
        self._tell(lambda: self._listener.ice_candidate(self, generation.number, described))

    def _take_offer(self, text: str) -> None:
        before = self._signalling.negotiated
        if before is not None:
            self._check_came_up()
        remote = self._signalling.take_offer(text)
        if before is None:
            self._ice.current.describe(remote)
            # The offerer controls, unless it is a lite agent (RFC 8445, 6.1.1).
            self._ice.current.agent.ice_controlling = remote.ice.is_lite
        elif remote.ice != before.ice:
            self._ice.prepare_restart().describe(remote)
        else:
            self._ice.drop_restart()  # of ours, which the peer's offer has overtaken

    # -- inside: connecting and its end -----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Both descriptions are there."""
        remote = self._signalling.negotiated
        assert remote is not None
        if self._run_task is None:
            self._dtls.set_role(self._signalling.role)
            self._ice_state = "checking"
            self._set_state("connecting", None)
            self._run_task = asyncio.create_task(self._run(remote))
            self._run_task.add_done_callback(self._on_task_end)
        elif self._ice.is_restarting:
            self._ice.restart(self._connect_timeout).add_done_callback(self._on_task_end)

    def _on_task_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("connection %s broke", self.connection_id, exc_info=error)
            self._fail("the connection broke inside the sidecar; its log tells more")

    async def _run(self, remote: RemoteDescription) -> None:
        try:
            async with asyncio.timeout(self._connect_timeout):
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
        self._sender = RtpSender(parameters, self._dtls, self._on_keyframe_needed)
        self._feedback = Feedback(local.ssrc, self._sender, self._estimator, self._on_keyframe_needed)
        self._liveness.heard()
        self._set_state("connected", None)
        self._sender.start()

    async def _watch(self) -> None:
        """Send reports and look whether the peer is there, for as long as the connection lives."""
        assert self._sender is not None
        assert self._feedback is not None
        looks = 0
        while True:
            await asyncio.sleep(TICK)
            looks += 1
            if looks % 2:
                self._sender.send_report()
            if not self._liveness.look() and self._connection_state == "connected":
                self._ice.current.agent.is_lost = True
                self._feedback.interrupt()
                self._ice_state = "disconnected"
                self._set_state("disconnected", "the peer does not answer")

    def _on_heard(self) -> None:
        """A sign of life came, on a path that may be a new one."""
        self._liveness.heard()
        if self._connection_state == "disconnected" and self._sender is not None:
            self._ice.current.agent.is_lost = False
            self._ice_state = "connected"
            self._set_state("connected", None)
            self._sender.start()

    def _fail(self, reason: str) -> None:
        if self._connection_state != "closed":
            if self._ice_state != "connected" or self._dtls.state == "connected":
                self._ice_state = "failed"
            self._set_state("failed", reason)

    def _set_state(self, state: ConnectionState, reason: str | None) -> None:
        if state != self._connection_state:
            self._connection_state = state
            logger.debug("connection %s is %s%s", self.connection_id, state, f": {reason}" if reason else "")
            self._tell(lambda: self._listener.state_changed(self, state, reason))

    def _on_dtls_state(self) -> None:
        """aiortc's receiving task ends by itself only when the peer sends a close_notify."""
        if self._dtls.state == "closed" and self._signalling.state != "closed":
            if self._run_task is not None:
                self._run_task.cancel()
            self._ice.drop_restart()
            self._ice_state = "closed"
            self._set_state("closed", "the peer closed the connection")

    # -- inside: feedback -------------------------------------------------------------------------------------------

    def _on_rtcp(self, data: bytes) -> None:
        self._on_heard()
        if self._feedback is None:
            return
        self._feedback.receive(data)
        capacity, subscription = self._estimator.take_change(), self._subscription
        if capacity is not None and subscription is not None:
            self._tell(lambda: subscription.report_capacity(capacity))
        if self._feedback.has_collapsed:
            self._feedback.start_over()

    def _on_keyframe_needed(self, reason: str) -> None:
        logger.debug("connection %s: keyframe requested: %s", self.connection_id, reason)
        if self._subscription is not None:
            self._tell(self._subscription.request_keyframe)

    def _tell(self, call: Callable[[], None]) -> None:
        # The owner's mistakes must not end the ICE agent or the DTLS transport that calls.
        try:
            call()
        except Exception:
            logger.exception("a listener of connection %s failed", self.connection_id)
