"""Two DTLS transports that are connected to each other by a pair of ICE transports in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.ice.transport import IceTransport
from tests.support.peers import PATIENCE


class Cable:
    """One end of the pair; `sizes` are the lengths of the datagrams that it has sent."""

    def __init__(self, role: str, incoming: asyncio.Queue[bytes], outgoing: asyncio.Queue[bytes]) -> None:
        self.role = role
        self.sizes: list[int] = []
        self._recv = incoming.get
        self._outgoing = outgoing

    async def _send(self, data: bytes) -> None:
        self.sizes.append(len(data))
        await self._outgoing.put(data)


@asynccontextmanager
async def after_handshake(client: Certificate, server: Certificate) -> AsyncIterator[tuple[Cable, Cable]]:
    """Let a client and a server with these certificates shake hands; both are connected in the block."""
    one, other = asyncio.Queue[bytes](), asyncio.Queue[bytes]()
    cables = Cable("controlled", one, other), Cable("controlling", other, one)
    ends = [
        DtlsTransport(cast(IceTransport, cable), certificate, lambda data: None)
        for cable, certificate in zip(cables, (client, server), strict=True)
    ]
    for end, role in zip(ends, ("client", "server"), strict=True):
        end.set_role(role)
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(
                *(end.start(far.getLocalParameters()) for end, far in zip(ends, ends[::-1], strict=True))
            )
        assert [end.state for end in ends] == ["connected", "connected"]
        yield cables
    finally:
        for end in ends:
            await end.end()
