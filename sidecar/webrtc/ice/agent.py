"""The ICE agent: aioice's, with candidates that are trickled and checks that we time (RFC 8445, RFC 8838)."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aioice import Candidate, Connection, mdns, stun
from aioice.ice import CandidatePair, StunProtocol

from sidecar.contract.types import IceGatheringState
from sidecar.webrtc.ice.candidates import COMPONENT, local_candidate
from sidecar.webrtc.ice.gathering import ask_servers, can_reach, host_addresses, resolve, server_reflexive
from sidecar.webrtc.ice.relay import RelayTransport, abort, allocate
from sidecar.webrtc.ice.servers import StunServer, TurnServer

SOCKET_BUFFER_SIZE = 1 << 20
"""Bytes: a keyframe leaves in one burst, and must not be lost in our own system."""

MAX_WAITING_DATAGRAMS = 1024
"""Received and not yet read; more come only from someone who floods us."""

CONSENT_INTERVAL = 1.0
"""Seconds between checks that the peer is still there (RFC 7675); its answer is also the round-trip time."""

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
        servers: Sequence[StunServer | TurnServer],
        *,
        on_candidate: Callable[[Candidate | None], None],
        on_heard: Callable[[], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(ice_controlling=False)
        self.gathering_state: IceGatheringState = "new"
        self.round_trip_time: float | None = None
        self.resolving_names = 0
        self.is_lost = False
        self._servers = list(servers)
        self._on_candidate = on_candidate
        self._on_heard = on_heard
        self._tls = tls
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
        """Open a socket on each address of this machine. Call start_asking_servers() then."""
        if self._local_candidates_start:
            return
        self._local_candidates_start = True
        self.gathering_state = "gathering"
        addresses = host_addresses()
        machine = frozenset(address for address, _ in addresses)
        for address, preference in addresses:
            protocol = await self._open(address)
            if protocol is None:
                continue
            port: int = protocol.transport.get_extra_info("sockname")[1]
            candidate = local_candidate("host", (address, port), base=address, preference=preference)
            candidate.machine_addresses = machine
            protocol.local_candidate = candidate
            self._protocols.append(protocol)
            self._local_candidates.append(candidate)
        self._local_candidates_end = True

    def start_asking_servers(self) -> None:
        """Ask the STUN and TURN servers in the background; once."""
        if self.gathering_state == "gathering":
            self._spawn(self._gather_late())

    async def _open(self, address: str) -> StunProtocol | None:
        loop = asyncio.get_running_loop()
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: StunProtocol(self), local_addr=(address, 0)
            )
        except OSError as error:
            logger.info("no candidate on %s: %s", address, error.strerror)
            return None
        sock: socket.socket = transport.get_extra_info("socket")
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_SIZE)
        return protocol

    async def _gather_late(self) -> None:
        await ask_servers(self._servers, self._ask)
        self.gathering_state = "complete"
        self._on_candidate(None)

    async def _ask(self, server: StunServer | TurnServer) -> None:
        if isinstance(server, TurnServer):
            protocol = StunProtocol(self)
            await allocate(server, protocol, self._tls)
            self._add_relay(protocol)
            return
        hosts = [base for base in self._protocols if base.local_candidate.type == "host"]
        for address in await resolve(server.host, server.port):
            bases = [base for base in hosts if can_reach(base.local_candidate.host, address)]
            target = (address, server.port)
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
            # The first name that is asked for brings the library for it (lean_imports.py): not on the loop.
            await asyncio.to_thread(getattr, mdns, "create_mdns_protocol")
            await self.add_remote_candidate(candidate)
        except OSError as error:
            # Port 5353 is taken, or there is no multicast. The peer's own checks still reach us.
            logger.info("cannot ask for %s: %s", candidate.host, error.strerror)
        finally:
            self.resolving_names -= 1

    def _remote_candidates_expected(self) -> bool:
        # Neither the end of the peer's candidates nor pairs that all failed end the checks: the caller's deadline
        # does, and candidates may come until then.
        return True

    # -- signs of life ----------------------------------------------------------------------------------------------

    def check_incoming(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """A check of the peer, its password verified."""
        if "PRIORITY" not in message.attributes:
            return
        super().check_incoming(message, addr, protocol)
        self._on_heard()

    async def query_consent(self) -> None:
        """Ask the peer on the selected pair whether it is still there, for as long as the agent lives.

        aioice closes the connection after too many failures; here only on_heard() stays out, and who waits for it
        decides, and sets `is_lost`.
        """
        number = 0
        while True:
            await asyncio.sleep(CONSENT_INTERVAL / CONSENTS_PER_INTERVAL_WHEN_LOST)
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
        """A datagram that is no STUN. An empty one would end aiortc's DTLS transport."""
        if data and self._queue.qsize() < MAX_WAITING_DATAGRAMS:
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
        await asyncio.gather(*tasks, return_exceptions=True)
        relays = [p.transport for p in self._protocols if isinstance(p.transport, RelayTransport)]
        await asyncio.gather(*(relay.release() for relay in relays))
        for protocol in self._protocols:
            abort(protocol.transport)  # close() would wait until the system has taken what is not sent yet
        await super().close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
