"""DTLS over a transport that the test holds in its hand."""

from __future__ import annotations

import asyncio
from typing import cast

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters

from sidecar.webrtc.dtls import DtlsTransport, IceTransport
from tests.support.peers import PATIENCE


class OneDatagram:
    """An ICE transport that gives one datagram, when the test says so, and then none."""

    role = "controlling"

    def __init__(self) -> None:
        self.datagram: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.asked = asyncio.Event()

    async def _recv(self) -> bytes:
        self.asked.set()
        if self.datagram.done():
            await asyncio.Event().wait()
        return await self.datagram

    async def _send(self, data: bytes) -> None:
        return


async def test_a_handshake_that_is_cancelled_as_a_datagram_comes_ends() -> None:
    ice = OneDatagram()
    dtls = DtlsTransport(cast(IceTransport, ice), RTCCertificate.generateCertificate(), lambda data: None)
    dtls.set_role("client")
    handshake = asyncio.create_task(dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", "00")])))
    await ice.asked.wait()
    ice.datagram.set_result(b"no DTLS")
    await asyncio.sleep(0)  # _recv() has its datagram now, and who waits for it not yet
    handshake.cancel()
    await asyncio.wait([handshake], timeout=PATIENCE)
    try:
        assert handshake.cancelled()
    finally:
        handshake.cancel()
