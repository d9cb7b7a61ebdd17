"""A STUN server on loopback that sees its clients through a NAT."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aioice import stun

MAPPED_ADDRESS = "203.0.113.7"


class StunResponder(asyncio.DatagramProtocol):
    """Tells its clients that their address is `mapped`, or the true one when that is None."""

    def __init__(self, mapped: str | None) -> None:
        self._clients: set[tuple[str | Any, int]] = set()
        self._asked = asyncio.Event()
        self._mapped = mapped

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._clients.add(addr)
        self._asked.set()
        request = stun.parse_message(data)
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = (self._mapped or addr[0], addr[1])
        self._transport.sendto(bytes(response), addr)

    async def until_asked_by(self, count: int) -> None:
        """Wait until this many sockets have asked."""
        while len(self._clients) < count:
            self._asked.clear()
            await self._asked.wait()


@asynccontextmanager
async def stun_server(mapped: str | None = MAPPED_ADDRESS) -> AsyncIterator[int]:
    """Its port; it tells its clients that their address is `mapped`, or the true one when that is None."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: StunResponder(mapped), local_addr=("127.0.0.1", 0))
    try:
        port: int = transport.get_extra_info("sockname")[1]
        yield port
    finally:
        transport.close()
