"""The ICE agent: aioice's, with trickled candidates and without its deadlines (RFC 8445, RFC 8838)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from aioice import Candidate, Connection, mdns, stun
from aioice.ice import CandidatePair, StunProtocol

from sidecar.contract.types import IceGatheringState
from sidecar.tasks import Tasks
from sidecar.webrtc.ice.addresses import is_own_address, is_unicast
from sidecar.webrtc.ice.candidates import COMPONENT, is_loopback
from sidecar.webrtc.ice.consent import Consent
from sidecar.webrtc.ice.gathering import Gatherer
from sidecar.webrtc.ice.names import NameQueries
from sidecar.webrtc.ice.relay import RelayTransport, abort
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.sockets import CheckedProtocol

MAX_WAITING_DATAGRAMS = 1024
"""Datagrams of the peer that have arrived and are not read yet; a peer that floods the agent loses the others."""

MAX_REMOTE_CANDIDATES = 512
"""Twice as many as a peer may signal: the other half is for peer-reflexive candidates, found by its checks."""

MAX_PAIRS = 512
"""Candidate pairs (RFC 8445, 6.1.2.5): at 50 checks a second further ones would never be checked."""

logger = logging.getLogger(__name__)


class IceAgent(Connection):
    """One ICE generation of a connection.

    Host candidates are known as soon as gather_candidates() returns, without a wait for the network. `on_candidate`
    gets the candidates of STUN and TURN servers later, and None after the last one. connect() returns when a pair is
    nominated: its caller sets the limit, so candidates may arrive at any time. `on_heard` is called for each message of
    the peer that carries its password.
    """

    def __init__(
        self,
        settings: AgentSettings,
        *,
        on_candidate: Callable[[Candidate | None], None],
        on_heard: Callable[[], None],
    ) -> None:
        super().__init__(ice_controlling=False)
        self._policy = settings.policy
        self._on_candidate = on_candidate
        self._on_heard = on_heard
        self._has_ignored_candidate = False
        self._tasks = Tasks()
        self._gatherer = Gatherer(self, settings, self._tasks, self)
        self._consent = Consent(self, self._tasks, settings.policy.timings.consent_interval, on_heard)
        self._names = NameQueries()

    @property
    def gathering_state(self) -> IceGatheringState:
        """The W3C's RTCIceGathererState, as its RTCIceGatheringState."""
        return "complete" if self._closing else self._gatherer.state

    @property
    def selected_pair(self) -> CandidatePair | None:
        """The candidate pair that carries the media, None before its nomination."""
        return self._nominated.get(COMPONENT)

    @property
    def has_remote_candidates(self) -> bool:
        """Whether the peer has signalled a candidate or sent a check."""
        return bool(self._remote_candidates)

    @property
    def resolving_names(self) -> int:
        """The number of remote candidates with a name that is not resolved yet."""
        return self._names.waiting

    @property
    def waiting_datagrams(self) -> int:
        """The number of datagrams of DTLS and SRTP that have arrived and are not read yet."""
        return self._queue.qsize()

    @property
    def refused_datagrams(self) -> int:
        """The number of datagrams of other senders than the peer that the open sockets have dropped."""
        return sum(cast(CheckedProtocol, protocol).refused for protocol in self._protocols)

    @property
    def round_trip_time(self) -> float | None:
        """The round-trip time of the newest consent check, in seconds."""
        return self._consent.round_trip_time

    @property
    def is_lost(self) -> bool:
        """Whether the owner counts the peer as lost; consent checks are then sent more often."""
        return self._consent.is_lost

    @is_lost.setter
    def is_lost(self, is_lost: bool) -> None:
        self._consent.is_lost = is_lost

    # -- gathering --------------------------------------------------------------------------------------------------

    async def gather_candidates(self) -> None:
        """Open a socket on each address of this machine. Call start_asking_servers() afterwards.

        Raises LimitExceededError, and opens no socket, when the addresses and the servers need too many.
        """
        if self._local_candidates_start:
            return
        self._local_candidates_start = True
        try:
            await self._gatherer.open_sockets()
        except BaseException:
            self._protocols.clear()
            self._local_candidates.clear()
            self._local_candidates_start = False
            raise
        self._local_candidates_end = True

    def start_asking_servers(self) -> None:
        """Ask the STUN and TURN servers in the background; a second call has no effect."""
        if not self._closing:
            self._gatherer.start_asking_servers()

    def socket_opened(self, protocol: CheckedProtocol) -> None:
        """A socket or a relay with its local candidate is open: pair the candidate with those of the peer."""
        self._protocols.append(protocol)
        self._local_candidates.append(protocol.local_candidate)
        if protocol.local_candidate.type == "relay":
            for remote in self._remote_candidates:
                self._pair_remote_candidate(remote)
            self.sort_check_list()

    def candidate_found(self, candidate: Candidate | None) -> None:
        """A server has given a candidate, or there are no more.

        A reflexive candidate has the base of a host candidate, and so no pairs of its own (RFC 8445, 6.1.2.4).
        """
        if candidate is not None and candidate.type == "srflx":
            self._local_candidates.append(candidate)
        self._on_candidate(candidate)

    # -- the peer's candidates --------------------------------------------------------------------------------------

    def add_remote(self, candidate: Candidate) -> None:
        """Take a candidate of the peer, at any time. A `.local` name is resolved in the background (mDNS)."""
        if candidate.component != COMPONENT or self._closing:
            return
        if mdns.is_mdns_hostname(candidate.host):
            self._tasks.spawn(self._names.resolve(candidate, self.add_remote_candidate))
        else:
            self._add_remote_candidate(candidate, candidate.host)

    def _add_remote_candidate(self, remote_candidate: Candidate, network_host: str) -> None:
        """Take a candidate with a known address; ignore it when no check can or may be sent there."""
        is_full = len(self._remote_candidates) >= MAX_REMOTE_CANDIDATES
        if is_full or not is_unicast(network_host, remote_candidate.port):
            return
        if self._policy.is_local and not is_own_address(network_host, self._gatherer.machine):
            self._log_ignored()
            return
        super()._add_remote_candidate(remote_candidate, network_host)

    def _log_ignored(self) -> None:
        if not self._has_ignored_candidate:
            self._has_ignored_candidate = True
            logger.info("candidates of other machines are ignored (--peers local)")

    def _pair_remote_candidate(self, remote_candidate: Candidate) -> None:
        if len(self._check_list) < MAX_PAIRS:
            super()._pair_remote_candidate(remote_candidate)

    def _remote_candidates_expected(self) -> bool:
        # The checks end neither with the last candidate of the peer nor when all pairs have failed: the caller's
        # deadline ends them, and candidates may arrive until then.
        return True

    # -- checks -----------------------------------------------------------------------------------------------------

    def request_received(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Handle a STUN request of any sender. A check with our password lets its source send data.

        It does so at once, also before connect(): a controlling peer may begin with DTLS as soon as its check was
        answered.
        """
        if not self._may_reach(addr[0], protocol):
            cast(CheckedProtocol, protocol).refused += 1
            return
        if self._is_authentic_check(message):
            cast(CheckedProtocol, protocol).accept_data_from(addr)
        super().request_received(message, addr, protocol)

    def _is_authentic_check(self, message: stun.Message) -> bool:
        attributes = message.attributes
        return (
            message.message_method == stun.Method.BINDING
            and {"USERNAME", "MESSAGE-INTEGRITY", "PRIORITY"} <= attributes.keys()
            and self._valid_username(attributes["USERNAME"])
            and message.check_message_integrity(self.local_password.encode())
        )

    def _may_reach(self, address: str, protocol: StunProtocol) -> bool:
        """Return whether the policy lets a socket send to an address; the loopback interface of a relay is not ours."""
        if not self._policy.is_local:
            return True
        is_relayed = protocol.local_candidate.type == "relay"
        return is_own_address(address, self._gatherer.machine) and not (is_relayed and is_loopback(address))

    def check_incoming(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Handle a check of the peer with a verified password."""
        if "PRIORITY" not in message.attributes or not self._has_room_for(addr, protocol):
            return
        super().check_incoming(message, addr, protocol)
        self._on_heard()

    def _has_room_for(self, addr: tuple[str, int], protocol: StunProtocol) -> bool:
        """Return whether a check needs no new candidate or pair beyond the limits."""
        is_known = any((each._network_host, each.port) == addr for each in self._remote_candidates)
        if not is_known and len(self._remote_candidates) >= MAX_REMOTE_CANDIDATES:
            return False
        if len(self._check_list) < MAX_PAIRS:
            return True
        return any(pair.protocol is protocol and pair.remote_addr == addr for pair in self._check_list)

    def check_state(self, pair: CandidatePair, state: CandidatePair.State) -> None:
        """Handle the begin or end of a check of ours; success makes its pair valid (RFC 8445, 7.2.5.3.2)."""
        super().check_state(pair, state)
        if state == CandidatePair.State.SUCCEEDED:
            cast(CheckedProtocol, pair.protocol).accept_data_from(pair.remote_addr)

    async def query_consent(self) -> None:
        """Send consent checks on the selected pair until close(); aioice runs this as a task."""
        await self._consent.run()

    # -- data -------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes, component: int) -> None:
        """Queue a datagram of DTLS or SRTP from the peer."""
        if self.waiting_datagrams < MAX_WAITING_DATAGRAMS:
            super().data_received(data, component)

    def protocol_lost(self, protocol: StunProtocol) -> None:
        """Log the loss of a socket, as when a network goes down. The peer may choose another pair."""
        if protocol in self._protocols and not self._closing:
            logger.info("lost the socket of candidate %s:%d", *protocol.transport.get_extra_info("sockname", ("?", 0)))

    # -- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close all sockets and release all relays, within relay.RELEASE_TIMEOUT and the time of the event loop."""
        self._closing = True
        self._consent.stop()
        try:
            await self._tasks.cancel()
            relays = [p.transport for p in self._protocols if isinstance(p.transport, RelayTransport)]
            await asyncio.gather(*(relay.release() for relay in relays))
            self._abort_sockets()
            await super().close()
        finally:
            self._gatherer.give_sockets_back()

    def _abort_sockets(self) -> None:
        for protocol in self._protocols:
            abort(protocol.transport)  # close() would wait until the system has taken the data that is not sent yet
        if self.refused_datagrams:
            logger.info("%d datagrams of other senders than the peer were refused", self.refused_datagrams)
