"""A name server with the test's names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60  # seconds


class _NameServer(asyncio.DatagramProtocol):
    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        question = query.question[0]
        address = self._addresses.get(question.name.to_text(omit_final_dot=True).lower())
        if address is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, TTL, "IN", "A", address))
        self._transport.sendto(response.to_wire(), addr)


@asynccontextmanager
async def name_server(addresses: Mapping[str, str], sock: socket.socket) -> AsyncIterator[None]:
    """Answer on `sock` with the IPv4 addresses of these names; other names do not exist."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _NameServer(addresses), sock=sock)
    try:
        yield
    finally:
        transport.close()
