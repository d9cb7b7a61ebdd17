"""One WebRTC connection that sends one video: signalling, connecting, sending, losing and closing."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol

from aioice import Candidate
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters

from sidecar.contract.errors import InvalidSdpError, InvalidStateError
from sidecar.contract.types import ConnectionState, IceCandidate, IceConnectionState, IceGatheringState, IceServer
from sidecar.encoding.access_unit import AccessUnit
from sidecar.webrtc import sdp, stats
from sidecar.webrtc.bandwidth import BandwidthEstimator
from sidecar.webrtc.candidates import to_contract
from sidecar.webrtc.dtls import DtlsTransport, IceTransport
from sidecar.webrtc.feedback import Feedback
from sidecar.webrtc.ice import IceAgent
from sidecar.webrtc.ice_servers import parse_ice_servers
from sidecar.webrtc.liveness import TICK, Liveness
from sidecar.webrtc.local_sdp import LocalDescription, SdpDescription, write_answer, write_offer
from sidecar.webrtc.packets import SenderParameters
from sidecar.webrtc.remote_candidates import RemoteCandidates
from sidecar.webrtc.sender import RtpSender
from sidecar.webrtc.stats import PeerStats

CONNECT_TIMEOUT = 15.0
"""Seconds from the remote description to the first packet that can be sent; browsers take as long to fail."""

OFFERED_MID = "0"

logger = logging.getLogger(__name__)


class PeerListener(Protocol):
    """What a peer tells its owner, always on the loop's thread."""

    def ice_candidate(self, candidate: IceCandidate | None) -> None:
        """A STUN or TURN server gave a candidate; None: there will be no more. Host candidates stand in the sdp."""

    def state_changed(self, state: ConnectionState, reason: str | None) -> None:
        """The connection's state changed; `reason` says in words why it went wrong."""

    def keyframe_needed(self, reason: str) -> None:
        """The viewer cannot go on without a keyframe."""

    def bitrate_estimated(self, bps: int) -> None:
        """The viewer's network carries this many bits per second. Never called while no limit is known."""


class Peer:
    """A connection to one viewer (W3C RTCPeerConnection, for one sendonly H.264 video).

    Every description has the video, so a camera can be connected before or after the signalling. The owner calls
    close() in the end, also after `failed` and after a `closed` that came from the peer. `target_bitrate` is what the
    encoder aims at, in bits per second: with it the peer can tell a still picture from a narrow network.

    Raises ice_servers.IceServerError (a ValueError) for ICE servers that cannot be used.
    """

    def __init__(
        self,
        connection_id: str,
        *,
        ice_servers: Sequence[IceServer],
        playout_delay: tuple[int, int] = (0, 0),
        listener: PeerListener,
        connect_timeout: float = CONNECT_TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.connection_id = connection_id
        self.generation = 0
        self._listener = listener
        self._playout_delay = playout_delay
        self._connect_timeout = connect_timeout
        self._connection_state: ConnectionState = "new"
        self._ice_state: IceConnectionState = "new"
        self._signaling_state: Literal["stable", "have-local-offer", "have-remote-offer", "closed"] = "stable"
        self._operations = asyncio.Lock()
        self._liveness = Liveness()
        self._agent = IceAgent(
            parse_ice_servers(ice_servers),
            on_candidate=self._on_local_candidate,
            on_heard=self._liveness.heard,
            tls=tls,
        )
        self._dtls = DtlsTransport(IceTransport(self._agent), RTCCertificate.generateCertificate(), self._on_rtcp)
        self._dtls.on("statechange", self._on_dtls_state)
        self._estimator = BandwidthEstimator()
        self._local_base = self._make_local_base()
        self._remote: sdp.RemoteDescription | None = None
        self._remote_candidates = RemoteCandidates(self._agent)
        self._sender: RtpSender | None = None
        self._feedback: Feedback | None = None
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
        return self._agent.gathering_state

    @property
    def target_bitrate(self) -> int | None:
        """What the encoder aims at, in bits per second."""
        return self._estimator.target_bitrate

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int | None) -> None:
        self._estimator.target_bitrate = bitrate
        if self._sender is not None:
            self._sender.bitrate_aimed_at = bitrate

    def stats(self) -> PeerStats:
        """All counters, now."""
        return stats.collect(self._agent, self._sender, self._feedback, self._estimator)

    # -- signalling (W3C WebRTC, 4.4.1.5; RFC 9429) -----------------------------------------------------------------

    def add_video(self) -> None:
        """Ask for the video section before the first description. Every description has it, so nothing changes."""
        self._check_open()

    async def create_offer(self) -> SdpDescription:
        """Make an offer and take it as the local description; it has all host candidates, no network is waited for.

        Called again before the answer it is the same offer, with the candidates found since.
        """
        async with self._operations:
            self._check_open()
            if self._signaling_state == "have-remote-offer" or self._remote is not None:
                raise InvalidStateError("an offer was made or received before")
            await self._agent.gather_candidates()
            self._agent.ice_controlling = True
            self._signaling_state = "have-local-offer"
            offer = write_offer(self._local_description("actpass"))
            self._agent.start_asking_servers()
            return offer

    async def create_answer(self) -> SdpDescription:
        """Answer the remote offer, take that as the local description and begin to connect."""
        async with self._operations:
            self._check_open()
            if self._signaling_state != "have-remote-offer" or self._remote is None:
                raise InvalidStateError("there is no remote offer to answer")
            await self._agent.gather_candidates()
            role = "server" if self._remote.dtls_role == "client" else "client"
            answer = write_answer(self._local_description("active" if role == "client" else "passive"), self._remote)
            self._start(self._remote, role)
            self._agent.start_asking_servers()
            return answer

    async def set_remote_description(self, type: str, sdp: str) -> None:  # noqa: A002 - the W3C's names
        """Take the peer's offer or answer; after an answer connecting begins.

        Raises InvalidStateError or InvalidSdpError, and then nothing has changed.
        """
        async with self._operations:
            self._check_open()
            if type == "offer":
                self._take_offer(sdp)
            elif type == "answer":
                self._take_answer(sdp)
            else:
                raise InvalidSdpError("a description is an offer or an answer")

    async def add_ice_candidate(self, candidate: IceCandidate | None) -> None:
        """Take a candidate of the peer, at any time; None or an empty one says that there are no more.

        Candidates before the remote description are kept. Those of another generation or another section are left
        out. Raises InvalidCandidateError or LimitExceededError.
        """
        self._check_open()
        self._remote_candidates.add(candidate)

    # -- media ------------------------------------------------------------------------------------------------------

    def push(self, access_unit: AccessUnit) -> None:
        """Send an access unit now. Without a connection, and before its first keyframe, it is left out."""
        is_up = self._signaling_state != "closed" and self._connection_state in ("connected", "disconnected")
        if is_up and self._sender is not None:
            self._sender.push(access_unit)

    # -- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End everything that the connection has: tasks, sockets, relays. Takes a second at most; can be repeated."""
        if self._close_task is None:
            self._close_task = asyncio.create_task(self._close())
        await asyncio.shield(self._close_task)

    async def _close(self) -> None:
        self._signaling_state = "closed"
        if self._run_task is not None:
            self._run_task.cancel()
            await asyncio.wait([self._run_task])
        async with self._operations:
            if self._sender is not None:
                self._sender.close()
            await self._dtls.end()
            await self._agent.close()
        self._ice_state = "closed"
        self._set_state("closed", None)

    # -- inside: signalling -----------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._signaling_state == "closed":
            raise InvalidStateError("the connection is closed")

    def _make_local_base(self) -> LocalDescription:
        prints = self._dtls.getLocalParameters().fingerprints
        return LocalDescription(
            session_id=secrets.randbits(62),
            stream_id=f"camera-{secrets.token_hex(8)}",
            cname=secrets.token_hex(8),
            ssrc=secrets.randbelow(2**32 - 2) + 1,
            rtx_ssrc=secrets.randbelow(2**32 - 2) + 1,
            username_fragment=self._agent.local_username,
            password=self._agent.local_password,
            fingerprints=tuple((f.algorithm, f.value) for f in prints if f.algorithm == "sha-256"),
        )

    def _local_description(self, setup: str) -> LocalDescription:
        return replace(
            self._local_base,
            setup=setup,
            candidates=tuple(self._agent.local_candidates),
            has_all_candidates=self._agent.gathering_state == "complete",
        )

    def _take_offer(self, text: str) -> None:
        if self._signaling_state != "stable" or self._remote is not None:
            raise InvalidStateError("an offer was made or received before")
        self._remote = sdp.parse_offer(text)
        self._signaling_state = "have-remote-offer"
        self._remote_candidates.describe(self._remote)
        # The offerer controls, unless it is a lite agent (RFC 8445, 6.1.1).
        self._agent.ice_controlling = self._remote.ice.is_lite

    def _take_answer(self, text: str) -> None:
        if self._signaling_state != "have-local-offer":
            raise InvalidStateError("there is no offer of ours that waits for an answer")
        remote = self._remote = sdp.parse_answer(text, mid=OFFERED_MID)
        self._remote_candidates.describe(remote)
        self._start(remote, "server" if remote.dtls_role == "client" else "client")

    def _on_local_candidate(self, candidate: Candidate | None) -> None:
        described = None
        if candidate is not None:
            mid, index = (self._remote.mid, self._remote.index) if self._remote is not None else (OFFERED_MID, 0)
            described = to_contract(candidate, mid=mid, index=index, username_fragment=self._agent.local_username)
        self._tell(lambda: self._listener.ice_candidate(described))

    # -- inside: connecting and its end -----------------------------------------------------------------------------

    def _start(self, remote: sdp.RemoteDescription, role: str) -> None:
        self._signaling_state = "stable"
        self._dtls.set_role(role)
        self._ice_state = "checking"
        self._set_state("connecting", None)
        self._run_task = asyncio.create_task(self._run(remote))
        self._run_task.add_done_callback(self._on_run_end)

    def _on_run_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("connection %s broke", self.connection_id, exc_info=error)
            self._fail("the connection broke inside the sidecar; its log tells more")

    async def _run(self, remote: sdp.RemoteDescription) -> None:
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

    async def _connect(self, remote: sdp.RemoteDescription) -> None:
        agent = self._agent
        agent.remote_username, agent.remote_password = remote.ice.username_fragment, remote.ice.password
        agent.remote_is_lite = remote.ice.is_lite
        await agent.connect()
        self._ice_state = "connected"
        fingerprints = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in remote.fingerprints]
        await self._dtls.start(RTCDtlsParameters(fingerprints=fingerprints))

    def _why_not_connected(self) -> str:
        if self._ice_state == "connected":
            return "the peer's DTLS did not answer"
        if not self._agent.has_remote_candidates:
            if self._remote_candidates.count:
                return "none of the remote candidates could be used: their names do not resolve"
            return "no remote candidate came: pass the peer's candidates on with add_ice_candidate"
        return "no candidate pair answered: a firewall may be in the way, or a TURN server is needed"

    def _start_sending(self, remote: sdp.RemoteDescription) -> None:
        local = self._local_base
        parameters = SenderParameters(
            ssrc=local.ssrc,
            rtx_ssrc=local.rtx_ssrc,
            cname=local.cname,
            mid=remote.mid,
            codec=remote.codec,
            extensions=remote.extensions,
            playout_delay=self._playout_delay,
        )
        self._sender = RtpSender(parameters, self._dtls, self._on_keyframe_needed)
        self._sender.bitrate_aimed_at = self.target_bitrate
        self._feedback = Feedback(local.ssrc, self._sender, self._estimator, self._on_keyframe_needed)
        self._liveness.heard()
        self._set_state("connected", None)
        self._sender.start()

    async def _watch(self) -> None:
        """Send reports and look whether the peer is there, until it is lost."""
        assert self._sender is not None
        looks = 0
        while True:
            await asyncio.sleep(TICK)
            looks += 1
            if looks % 2:
                self._sender.send_report()
            verdict = self._liveness.look()
            if verdict == "failed":
                self._fail("the peer was lost: it did not answer any more")
                return
            if verdict != self._connection_state:
                self._ice_state = verdict
                self._set_state(verdict, "the peer does not answer" if verdict == "disconnected" else None)

    def _fail(self, reason: str) -> None:
        if self._connection_state != "closed":
            if self._ice_state != "connected" or self._dtls.state == "connected":
                self._ice_state = "failed"
            self._set_state("failed", reason)

    def _set_state(self, state: ConnectionState, reason: str | None) -> None:
        if state != self._connection_state:
            self._connection_state = state
            logger.debug("connection %s is %s%s", self.connection_id, state, f": {reason}" if reason else "")
            self._tell(lambda: self._listener.state_changed(state, reason))

    def _on_dtls_state(self) -> None:
        """aiortc's receiving task ends by itself only when the peer sends a close_notify."""
        if self._dtls.state == "closed" and self._signaling_state != "closed":
            if self._run_task is not None:
                self._run_task.cancel()
            self._ice_state = "closed"
            self._set_state("closed", "the peer closed the connection")

    # -- inside: feedback -------------------------------------------------------------------------------------------

    def _on_rtcp(self, data: bytes) -> None:
        self._liveness.heard()
        if self._feedback is None:
            return
        self._feedback.receive(data)
        estimate = self._estimator.take_change()
        if estimate is not None:
            self._tell(lambda: self._listener.bitrate_estimated(estimate))
        if self._feedback.has_collapsed:
            self._feedback.start_over()

    def _on_keyframe_needed(self, reason: str) -> None:
        self._tell(lambda: self._listener.keyframe_needed(reason))

    def _tell(self, call: Callable[[], None]) -> None:
        # The owner's mistakes must not end the ICE agent or the DTLS transport that calls.
        try:
            call()
        except Exception:
            logger.exception("a listener of connection %s failed", self.connection_id)
