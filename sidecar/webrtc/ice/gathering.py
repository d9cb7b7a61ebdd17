"""Gathering: local candidates from this machine's addresses and from STUN and TURN servers (RFC 8445, 5.1.1)."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Protocol

from aioice import Candidate, Connection, stun
from aioice.ice import StunProtocol

from sidecar.contract.types import IceGatheringState
from sidecar.descriptors import TOO_MANY_OPEN
from sidecar.tasks import Tasks
from sidecar.webrtc.ice.addresses import HIGHEST_PREFERENCE, base_addresses, can_reach, host_addresses, resolve
from sidecar.webrtc.ice.candidates import LocalCandidate, local_candidate
from sidecar.webrtc.ice.relay import abort, allocate
from sidecar.webrtc.ice.servers import Server
from sidecar.webrtc.ice.settings import AgentSettings
from sidecar.webrtc.ice.sockets import CheckedProtocol, too_many_sockets

SOCKET_BUFFER_SIZE = 1 << 20
"""Bytes: a keyframe leaves in one burst, and must not be lost inside of this machine."""

MAX_LOOK_UPS = 2
"""Names of servers that one connection looks up at the same time: all connections share the threads for that."""

NOT_FOR_PAGES = {"is_for_pages": False}
"""Marks a log line that no `log` notification repeats: it has facts about a network that a page must not learn."""

logger = logging.getLogger(__name__)


class GatheringListener(Protocol):
    """The owner of a Gatherer."""

    def socket_opened(self, protocol: CheckedProtocol) -> None:
        """A socket or a relay with its local candidate is open."""

    def candidate_found(self, candidate: Candidate | None) -> None:
        """A server has given a candidate; None: there are no more."""


class Gatherer:
    """The local candidates of one ICE generation, and its sockets.

    `machine` are the addresses of this machine. Host candidates are known when open_sockets() returns. Candidates of
    servers follow later, in the background.
    """

    def __init__(
        self, receiver: Connection, settings: AgentSettings, tasks: Tasks, listener: GatheringListener
    ) -> None:
        """`receiver` gets the datagrams of the sockets."""
        self.state: IceGatheringState = "new"
        self.machine: frozenset[str] = frozenset()
        self._receiver = receiver
        self._settings = settings
        self._tasks = tasks
        self._listener = listener
        self._bases: list[CheckedProtocol] = []
        self._addresses: set[tuple[str, int]] = set()
        self._sockets_taken = 0
        self._is_asking = False
        self._look_ups = asyncio.Semaphore(MAX_LOOK_UPS)

    async def open_sockets(self) -> None:
        """Open a socket on each address of this machine.

        Raises LimitExceededError, and opens no socket, when the addresses and the servers need too many.
        """
        addresses = _addresses_of_machine()
        self.machine = frozenset(address for address, _ in addresses)
        addresses = base_addresses(addresses, is_local=self._settings.policy.is_local)
        self._take_sockets(len(addresses) + sum(server.is_turn for server in self._settings.servers))
        try:
            for address, preference in addresses:
                await self._open_base(address, preference)
        except BaseException:
            self._close_bases()
            raise
        self.state = "gathering"

    def start_asking_servers(self) -> None:
        """Ask the STUN and TURN servers in the background; a second call has no effect."""
        if self.state == "gathering" and not self._is_asking:
            self._is_asking = True
            self._tasks.spawn(self._ask_servers())

    def _close_bases(self) -> None:
        for base in self._bases:
            abort(base.transport)
        self._bases.clear()
        self._addresses.clear()
        self.give_sockets_back()

    def give_sockets_back(self) -> None:
        """Return the sockets to the budget of the process, once they are closed."""
        count, self._sockets_taken = self._sockets_taken, 0
        self._settings.sockets.give_back(count)

    async def _open_base(self, address: str, preference: int) -> None:
        protocol = await self._open(address)
        if protocol is None:
            return
        port: int = protocol.transport.get_extra_info("sockname")[1]
        candidate = local_candidate("host", (address, port), base=address, preference=preference)
        candidate.machine_addresses = self.machine
        protocol.local_candidate = candidate
        self._bases.append(protocol)
        self._addresses.add((address, port))
        self._listener.socket_opened(protocol)

    async def _open(self, address: str) -> CheckedProtocol | None:
        loop = asyncio.get_running_loop()
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: CheckedProtocol(self._receiver), local_addr=(address, 0)
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

    def _take_sockets(self, count: int) -> None:
        self._settings.sockets.take(count)
        self._sockets_taken = count

    # -- servers ----------------------------------------------------------------------------------------------------

    async def _ask_servers(self) -> None:
        """Ask all servers at the same time and wait for the last one."""
        await asyncio.gather(*(self._ask_in_time(server) for server in self._settings.servers))
        self.state = "complete"
        self._listener.candidate_found(None)

    async def _ask_in_time(self, server: Server) -> None:
        """Ask one server. A failure is logged, and takes the whole IceTimings.server_timeout."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.policy.timings.server_timeout
        try:
            async with asyncio.timeout_at(deadline):
                await self._ask(server)
        except (OSError, stun.TransactionError, ValueError) as error:
            # ValueError: a host name that no resolver accepts. TimeoutError is an OSError.
            reason = str(error) or type(error).__name__
            logger.info("no candidate from %s: %s", server.address, reason, extra=NOT_FOR_PAGES)
            await asyncio.sleep(deadline - loop.time())

    async def _ask(self, server: Server) -> None:
        async with self._look_ups:
            addresses = await resolve(server.address.host, server.address.port)
        if server.is_turn:
            protocol = CheckedProtocol(self._receiver)
            await allocate(server, addresses, protocol, self._settings.tls)
            self._listener.socket_opened(protocol)
            self._listener.candidate_found(protocol.local_candidate)
            return
        for address in addresses:
            bases = [base for base in self._bases if can_reach(base.local_candidate.host, address)]
            target = (address, server.address.port)
            await asyncio.gather(*(self._ask_for_mapped(base, target) for base in bases))

    async def _ask_for_mapped(self, base: StunProtocol, server: tuple[str, int]) -> None:
        try:
            candidate = await server_reflexive(base, server)
        except stun.TransactionError as error:
            logger.info("no response from %s:%d: %s", *server, error)
            return
        if candidate is not None and (candidate.host, candidate.port) not in self._addresses:
            self._addresses.add((candidate.host, candidate.port))
            self._listener.candidate_found(candidate)


async def server_reflexive(base: StunProtocol, server: tuple[str, int]) -> LocalCandidate | None:
    """Return the address under which a STUN server sees `base`; None without a NAT (RFC 8445, 5.1.3).

    Raises aioice.stun.TransactionError when the server does not respond.
    """
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    response, _ = await base.request(request, server)  # its transaction id is random: only the server can respond
    mapped: tuple[str, int] | None = response.attributes.get("XOR-MAPPED-ADDRESS")
    own = (base.local_candidate.host, base.local_candidate.port)
    if mapped is None or mapped == own:
        return None
    return local_candidate("srflx", mapped, base=own[0], preference=HIGHEST_PREFERENCE, related=own)


def _addresses_of_machine() -> list[tuple[str, int]]:
    try:
        return host_addresses()
    except OSError as error:
        if error.errno in TOO_MANY_OPEN:  # the addresses are asked for through a socket
            raise too_many_sockets() from error
        raise
