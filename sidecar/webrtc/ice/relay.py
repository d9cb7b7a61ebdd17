"""Relayed candidates: a TURN allocation with the interface of a datagram socket (RFC 8656)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
import time
from collections.abc import Coroutine, Sequence
from typing import Any, cast

from aioice.ice import StunProtocol
from aioice.turn import (
    DEFAULT_ALLOCATION_LIFETIME,
    DEFAULT_CHANNEL_REFRESH_TIME,
    UDP_SOCKET_BUFFER_SIZE,
    TurnClientTcpProtocol,
    TurnClientUdpProtocol,
)

from sidecar.webrtc.ice.candidates import local_candidate
from sidecar.webrtc.ice.servers import Server

RELEASE_TIMEOUT = 0.6
"""Seconds for the release of an allocation; without it the server ends the allocation within ten minutes."""

MAX_BINDINGS = 64
"""Channel bindings under way at the same time; a further candidate of the peer waits for its next check."""

MESSAGE_HEADER = CHANNEL_HEADER = 4
STUN_HEADER = 20
CHANNEL_BITS, CHANNEL_MARK = 0xC0, 0x40
"""The first two bits distinguish ChannelData from STUN (RFC 8656, 12)."""

# RFC 8445 leaves the local preference open: the less a relay costs, the higher is its preference.
PREFERENCES = {"udp": 65535, "tcp": 65534, "tls": 65533}

logger = logging.getLogger(__name__)


class UdpClient(TurnClientUdpProtocol):
    """aioice's TURN client over UDP, safe against malformed messages of the server."""

    def datagram_received(self, data: bytes | str, addr: tuple[str, int]) -> None:
        """Handle a datagram of the server; drop a malformed one."""
        with contextlib.suppress(struct.error):
            super().datagram_received(data, addr)


class TcpClient(TurnClientTcpProtocol):
    """aioice's TURN client over TCP, safe against malformed messages of the server."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages (RFC 8656, 12.5); each byte is copied once."""
        data = self._unread + data
        position = 0
        while len(data) - position >= MESSAGE_HEADER:
            _, length = struct.unpack_from("!HH", data, position)
            header = CHANNEL_HEADER if data[position] & CHANNEL_BITS == CHANNEL_MARK else STUN_HEADER
            end = position + header + length + -length % 4
            if end > len(data):
                break
            with contextlib.suppress(struct.error):
                self.datagram_received(data[position:end], self.server)
            position = end
        self._unread = data[position:]


TurnClient = TcpClient | UdpClient


class RelayTransport:
    """The part of a datagram transport that StunProtocol and the sender use, over a TURN allocation.

    In contrast to aioice's transport it sends at once over a bound channel (no task for each packet), it delays no
    packet while a channel is being bound, and its release has a limit.
    """

    def __init__(self, client: TurnClient, protocol: str) -> None:
        self.protocol = protocol
        self._client = client
        self._bindings: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._refresh_at: dict[int, float] = {}  # aioice's times are of the wall clock, which may be set

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the relayed address for `sockname`, and the default for other names."""
        return self._client.relayed_address if name == "sockname" else default

    def get_write_buffer_size(self) -> int:
        """Return the bytes that wait for the system, in the connection to the server."""
        return backlog(self._client.transport)

    def is_closing(self) -> bool:
        """Return whether the connection to the server is closed."""
        return self._client.transport.is_closing()

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send through the peer's channel; the first datagram to a peer binds the channel and is sent afterwards."""
        if self.is_closing():
            return
        channel = self._client.peer_to_channel.get(addr)
        if channel is None:
            self._bind(addr, self._client.send_data(data, addr))
            return
        self._client._send(struct.pack("!HH", channel, len(data)) + data)
        now = time.monotonic()
        if now > self._refresh_at.setdefault(channel, now + self._client.channel_refresh_time):
            self._bind(addr, self._refresh(channel, addr))

    def close(self) -> None:
        """Close at once, without a message to the server."""
        self.abort()

    def abort(self) -> None:
        """Close at once, without a message to the server; release() sends one."""
        for task in self._bindings.values():
            task.cancel()
        abort(self._client.transport)

    async def release(self) -> None:
        """Release the allocation (RFC 8656, 7) and close, within RELEASE_TIMEOUT."""
        tasks = list(self._bindings.values())
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RELEASE_TIMEOUT):
                await self._client.delete()
        abort(self._client.transport)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _bind(self, addr: tuple[str, int], work: Coroutine[Any, Any, None]) -> None:
        if addr in self._bindings or len(self._bindings) >= MAX_BINDINGS:
            work.close()
            return
        task = asyncio.create_task(work)
        self._bindings[addr] = task
        task.add_done_callback(lambda done: self._bound(addr, done))

    def _bound(self, addr: tuple[str, int], task: asyncio.Task[None]) -> None:
        self._bindings.pop(addr, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.info("the TURN server does not relay to a candidate of the peer: %s", error)

    async def _refresh(self, channel: int, addr: tuple[str, int]) -> None:
        # Set first: the packets until the answer need no refresh of their own.
        self._refresh_at[channel] = time.monotonic() + self._client.channel_refresh_time
        await self._client.channel_bind(channel, addr)


def backlog(transport: asyncio.BaseTransport) -> int:
    """Return the bytes that wait for the system; typeshed has the method for stream transports alone."""
    return int(cast(asyncio.WriteTransport, transport).get_write_buffer_size())


def abort(transport: asyncio.BaseTransport) -> None:
    """Close at once: a TLS connection to a dead server would wait half a minute for its close_notify.

    Every transport has the method; before Python 3.12 asyncio's datagram transports are no DatagramTransport.
    """
    cast(asyncio.WriteTransport, transport).abort()


async def allocate(
    server: Server, addresses: Sequence[str], protocol: StunProtocol, tls: ssl.SSLContext | None
) -> RelayTransport:
    """Make an allocation on a TURN server and connect `protocol` to it, with its local_candidate.

    The first of the server's `addresses` that can be reached is used. A `turns:` server is verified as in a browser:
    its certificate must be valid for the host name of the URL and be signed by an authority that the system trusts (or
    by an authority in SSL_CERT_FILE). `tls` replaces these rules.

    Raises OSError, ssl.SSLError or TransactionError, and leaves no connection open then.
    """
    client = await _connect_to_any(server, addresses, tls)
    try:
        relayed = await client.connect()
        transport = RelayTransport(client, server.protocol)
        mapped = client.mapped_address
        protocol.local_candidate = local_candidate(
            "relay", relayed, base=relayed[0], preference=PREFERENCES[server.protocol], related=mapped
        )
        client.receiver = protocol
        protocol.connection_made(cast(asyncio.DatagramTransport, transport))
    except BaseException:
        if client.refresh_task is not None:
            client.refresh_task.cancel()
        abort(client.transport)
        raise
    return transport


async def _connect_to_any(server: Server, addresses: Sequence[str], tls: ssl.SSLContext | None) -> TurnClient:
    problem: OSError = OSError("the server has no address")
    for address in addresses:
        try:
            return await _connect(server, address, tls)
        except OSError as error:
            problem = error
    raise problem


async def _connect(server: Server, address: str, tls: ssl.SSLContext | None) -> TurnClient:
    loop = asyncio.get_running_loop()
    port = server.address.port
    arguments: dict[str, Any] = {
        "server": (address, port),
        "username": server.username,
        "password": server.credential,
        "lifetime": DEFAULT_ALLOCATION_LIFETIME,
        "channel_refresh_time": DEFAULT_CHANNEL_REFRESH_TIME,
    }
    client: TurnClient
    if server.protocol == "udp":
        datagrams, client = await loop.create_datagram_endpoint(
            lambda: UdpClient(**arguments), remote_addr=(address, port)
        )
        sock: socket.socket = datagrams.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_SOCKET_BUFFER_SIZE)
        return client
    context = None
    if server.protocol == "tls":
        # Reading the system's certificates takes longer than a frame lasts.
        context = tls or await loop.run_in_executor(None, ssl.create_default_context)
    _, client = await loop.create_connection(
        lambda: TcpClient(**arguments),
        address,
        port,
        ssl=context,
        server_hostname=server.address.host if context is not None else None,
    )
    return client
