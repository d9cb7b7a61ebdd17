"""The ICE agent: aioice's, with candidates that are trickled and checks that we time (RFC 8445, RFC 8838)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, cast

from aioice import Candidate, Connection, mdns, stun
from aioice.ice import CandidatePair, StunProtocol

from sidecar.contract.types import IceGatheringState
from sidecar.webrtc.ice.candidates import COMPONENT, is_loopback, local_candidate
from sidecar.webrtc.ice.gathering import (
    MAX_LOOK_UPS,
    ask_servers,
    base_addresses,
    can_reach,
    host_addresses,
    is_own_address,
    resolve,
    server_reflexive,
)
from sidecar.webrtc.ice.relay import RelayTransport, abort, allocate
from sidecar.webrtc.ice.servers import Server
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.sockets import TOO_MANY_OPEN, CheckedProtocol, too_many_sockets

SOCKET_BUFFER_SIZE = 1 << 20
"""Bytes: a keyframe leaves in one burst, and must not be lost in our own system."""

MAX_WAITING_DATAGRAMS = 1024
"""Received from the peer and not yet read; more come only from a peer that floods us."""

MAX_REMOTE_CANDIDATES = 512
"""Twice as many as a peer may tell of: the others are peer-reflexive, found by its checks."""

MAX_PAIRS = 512
"""Candidate pairs (RFC 8445, 6.1.2.5): at 50 checks a second more are never reached."""

MAX_NAMES = 8
"""Names of candidates that are asked for at once (mDNS); others wait for their turn."""

CONSENTS_PER_INTERVAL_WHEN_LOST = 4
"""A peer that is lost is asked more often: a path that comes back is used at once."""

CONSENT_RETRANSMISSIONS = 1
"""Of one check: an answer may take a second and a half."""

logger = logging.getLogger(__name__)


class IceAgent(Connection):
    """One ICE generation of a connection.

    Host candidates are there as soon as gather_candidates() returns, without any wait for the network; those of STUN
    and TURN servers come later through `on_candidate`, then None. connect() goes on until a pair is nominated: it is
    the caller who gives up, so candidates may come at any time. `on_heard` is called for each sign of life of the peer
    that carries its password.
    """

    def __init__(
        self,
        settings: AgentSettings,
        *,
        on_candidate: Callable[[Candidate | None], None],
        on_heard: Callable[[], None],
    ) -> None:
        super().__init__(ice_controlling=False)
        self.gathering_state: IceGatheringState = "new"
        self.round_trip_time: float | None = None
        self.resolving_names = 0
        self.is_lost = False
        self._settings = settings
        self._on_candidate = on_candidate
        self._on_heard = on_heard
        self._machine: frozenset[str] = frozenset()
        self._sockets_taken = 0
        self._has_ignored_candidate = False
        self._look_ups = asyncio.Semaphore(MAX_LOOK_UPS)
        self._name_queries = asyncio.Semaphore(MAX_NAMES)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def selected_pair(self) -> CandidatePair | None:
        """The pair that carries the media, None before there is one."""
        return self._nominated.get(COMPONENT)

    @property
    def has_remote_candidates(self) -> bool:
        """Whether the peer told any candidate or sent a check."""
        return bool(self._remote_candidates)

    # -- gathering --------------------------------------------------------------------------------------------------

    async def gather_candidates(self) -> None:
        """Open a socket on each address of this machine. Call start_asking_servers() then.

        Raises LimitExceededError when there are no sockets for it, or for the servers; then none is open.
        """
        if self._local_candidates_start:
            return
        addresses = _addresses_of_machine()
        self._machine = frozenset(address for address, _ in addresses)
        addresses = base_addresses(addresses, is_local=self._settings.policy.is_local)
        self._take_sockets(len(addresses) + sum(server.is_turn for server in self._settings.servers))
        self._local_candidates_start = True
        try:
            for address, preference in addresses:
                await self._open_base(address, preference)
        except BaseException:
            self._close_bases()
            raise
        self.gathering_state = "gathering"
        self._local_candidates_end = True

    def start_asking_servers(self) -> None:
        """Ask the STUN and TURN servers in the background; once."""
        if self.gathering_state == "gathering":
            self._spawn(self._gather_late())

    async def _open_base(self, address: str, preference: int) -> None:
        protocol = await self._open(address)
        if protocol is None:
            return
        port: int = protocol.transport.get_extra_info("sockname")[1]
        candidate = local_candidate("host", (address, port), base=address, preference=preference)
        candidate.machine_addresses = self._machine
        protocol.local_candidate = candidate
        self._protocols.append(protocol)
        self._local_candidates.append(candidate)

    async def _open(self, address: str) -> CheckedProtocol | None:
        loop = asyncio.get_running_loop()
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: CheckedProtocol(self), local_addr=(address, 0)
            )
        except OSError as error:
            if error.errno in TOO_MANY_OPEN:
                raise too_many_sockets() from error
            logger.info("no candidate on %s: %s", address, error.strerror)
            return None
        sock: socket.socket = transport.get_extra_info("socket")
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_SIZE)
        return protocol

    def _close_bases(self) -> None:
        """Go back to before gather_candidates()."""
        self._abort_sockets()
        self._protocols.clear()
        self._local_candidates.clear()
        self._local_candidates_start = False
        self._give_sockets_back()

    def _take_sockets(self, count: int) -> None:
        self._settings.sockets.take(count)
        self._sockets_taken = count

    def _give_sockets_back(self) -> None:
        count, self._sockets_taken = self._sockets_taken, 0
        self._settings.sockets.give_back(count)

    async def _gather_late(self) -> None:
        await ask_servers(self._settings.servers, self._ask, self._settings.policy.timings.server_timeout)
        self.gathering_state = "complete"
        self._on_candidate(None)

    async def _ask(self, server: Server) -> None:
        async with self._look_ups:
            addresses = await resolve(server.address.host, server.address.port)
        if server.is_turn:
            protocol = CheckedProtocol(self)
            await allocate(server, addresses, protocol, self._settings.tls)
            self._add_relay(protocol)
            return
        hosts = [base for base in self._protocols if base.local_candidate.type == "host"]
        for address in addresses:
            bases = [base for base in hosts if can_reach(base.local_candidate.host, address)]
            target = (address, server.address.port)
            await asyncio.gather(*(self._add_reflexive(base, target) for base in bases))

    async def _add_reflexive(self, base: StunProtocol, server: tuple[str, int]) -> None:
        try:
            candidate = await server_reflexive(base, server)
        except stun.TransactionError as error:
            logger.info("no answer from %s:%d: %s", *server, error)
            return
        if candidate is None:
            return
        # It has the base of a host candidate, and so no pairs of its own (RFC 8445, 6.1.2.4).
        if any((c.host, c.port) == (candidate.host, candidate.port) for c in self._local_candidates):
            return
        self._local_candidates.append(candidate)
        self._on_candidate(candidate)

    def _add_relay(self, protocol: StunProtocol) -> None:
        self._protocols.append(protocol)
        self._local_candidates.append(protocol.local_candidate)
        for remote in self._remote_candidates:
            self._pair_remote_candidate(remote)
        self.sort_check_list()
        self._on_candidate(protocol.local_candidate)

    # -- the peer's candidates --------------------------------------------------------------------------------------

    def add_remote(self, candidate: Candidate) -> None:
        """Take a candidate of the peer, at any time. A `.local` name is resolved in the background (mDNS)."""
        if candidate.component != COMPONENT or self._closing:
            return
        if mdns.is_mdns_hostname(candidate.host):
            self._spawn(self._resolve(candidate))
        else:
            self._add_remote_candidate(candidate, candidate.host)

    async def _resolve(self, candidate: Candidate) -> None:
        self.resolving_names += 1
        try:
            async with self._name_queries:
                # The first name that is asked for brings the library for it (startup/lean_imports.py): not on the loop.
                await asyncio.to_thread(getattr, mdns, "create_mdns_protocol")
                await self.add_remote_candidate(candidate)
        except OSError as error:
            # Port 5353 is taken, or there is no multicast. The peer's own checks still reach us.
            logger.info("cannot ask for %s: %s", candidate.host, error.strerror)
        finally:
            self.resolving_names -= 1

    def _add_remote_candidate(self, remote_candidate: Candidate, network_host: str) -> None:
        """A candidate whose address is known; those that lead nowhere, or where they must not, are ignored."""
        if len(self._remote_candidates) >= MAX_REMOTE_CANDIDATES or not _is_unicast(network_host, remote_candidate):
            return
        if self._settings.policy.is_local and not is_own_address(network_host, self._machine):
            if not self._has_ignored_candidate:
                self._has_ignored_candidate = True
                logger.info("candidates of other machines are ignored (--peers local)")
            return
        super()._add_remote_candidate(remote_candidate, network_host)

    def _pair_remote_candidate(self, remote_candidate: Candidate) -> None:
        if len(self._check_list) < MAX_PAIRS:
            super()._pair_remote_candidate(remote_candidate)

    def _remote_candidates_expected(self) -> bool:
        # Neither the end of the peer's candidates nor pairs that all failed end the checks: the caller's deadline
        # does, and candidates may come until then.
        return True

    # -- checks, and signs of life ----------------------------------------------------------------------------------

    def request_received(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """A STUN request came, from anybody. A check with our password makes its source one that may send data.

        It does so at once, also before connect(): a peer that controls may begin with DTLS as soon as its check was
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
        """Whether the policy lets a socket talk to a peer's address; a relay's loopback interface is not ours."""
        if not self._settings.policy.is_local:
            return True
        is_relayed = protocol.local_candidate.type == "relay"
        return is_own_address(address, self._machine) and not (is_relayed and is_loopback(address))

    def check_incoming(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """A check of the peer, its password verified."""
        if "PRIORITY" not in message.attributes or not self._has_room_for(addr, protocol):
            return
        super().check_incoming(message, addr, protocol)
        self._on_heard()

    def _has_room_for(self, addr: tuple[str, int], protocol: StunProtocol) -> bool:
        """Whether a check needs no new candidate or pair beyond the limits."""
        is_known = any((each._network_host, each.port) == addr for each in self._remote_candidates)
        if not is_known and len(self._remote_candidates) >= MAX_REMOTE_CANDIDATES:
            return False
        if len(self._check_list) < MAX_PAIRS:
            return True
        return any(pair.protocol is protocol and pair.remote_addr == addr for pair in self._check_list)

    def check_state(self, pair: CandidatePair, state: CandidatePair.State) -> None:
        """A check of ours begins or ends; one that succeeded makes its pair valid (RFC 8445, 7.2.5.3.2)."""
        super().check_state(pair, state)
        if state == CandidatePair.State.SUCCEEDED:
            cast(CheckedProtocol, pair.protocol).accept_data_from(pair.remote_addr)

    async def query_consent(self) -> None:
        """Ask the peer on the selected pair whether it is still there, for as long as the agent lives.

        aioice closes the connection after too many failures; here only on_heard() stays out, and who waits for it
        decides, and sets `is_lost`.
        """
        interval = self._settings.policy.timings.consent_interval / CONSENTS_PER_INTERVAL_WHEN_LOST
        number = 0
        while True:
            await asyncio.sleep(interval)
            if self._closing:  # close() has ended our tasks already: it would not see another
                return
            number += 1
            pair = self.selected_pair
            if pair is not None and (self.is_lost or number % CONSENTS_PER_INTERVAL_WHEN_LOST == 0):
                # Without waiting for the one before: the way there may just have come back.
                self._spawn(self._ask_consent(pair))

    async def _ask_consent(self, pair: CandidatePair) -> None:
        assert self.remote_password is not None
        request = self.build_request(pair, nominate=False)
        key, asked_at = self.remote_password.encode(), time.monotonic()
        try:
            await pair.protocol.request(
                request, pair.remote_addr, integrity_key=key, retransmissions=CONSENT_RETRANSMISSIONS
            )
        except stun.TransactionError:
            return
        self.round_trip_time = time.monotonic() - asked_at
        self._on_heard()

    # -- data -------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes, component: int) -> None:
        """DTLS or SRTP of the peer."""
        if self._queue.qsize() < MAX_WAITING_DATAGRAMS:
            super().data_received(data, component)

    def protocol_lost(self, protocol: StunProtocol) -> None:
        """A socket is gone, as when a network goes down. Not the end: the peer may choose another pair."""
        if protocol in self._protocols and not self._closing:
            logger.info("lost the socket of candidate %s:%d", *protocol.transport.get_extra_info("sockname", ("?", 0)))

    # -- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close all sockets and give all relays back, within relay.RELEASE_TIMEOUT and what the loop needs."""
        self._closing = True
        self.gathering_state = "complete"
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
            relays = [p.transport for p in self._protocols if isinstance(p.transport, RelayTransport)]
            await asyncio.gather(*(relay.release() for relay in relays))
            self._abort_sockets()
            await super().close()
        finally:
            self._give_sockets_back()

    def _abort_sockets(self) -> None:
        for protocol in self._protocols:
            abort(protocol.transport)  # close() would wait until the system has taken what is not sent yet
        refused = sum(cast(CheckedProtocol, protocol).refused for protocol in self._protocols)
        if refused:
            logger.info("%d datagrams of others than the peer were refused", refused)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _addresses_of_machine() -> list[tuple[str, int]]:
    try:
        return host_addresses()
    except OSError as error:
        if error.errno in TOO_MANY_OPEN:  # the system is asked through a socket
            raise too_many_sockets() from error
        raise


def _is_unicast(host: str, candidate: Candidate) -> bool:
    """Whether a check can be sent to a candidate at the IP address `host`, and reaches one machine at most."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return candidate.port > 0 and not address.is_multicast and not address.is_unspecified
