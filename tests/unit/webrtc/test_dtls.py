"""DTLS over a transport that the test holds in its hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, generate_certificate
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sidecar.webrtc.dtls import Certificate, DtlsTransport
from sidecar.webrtc.ice.transport import IceTransport
from tests.support.dtls_pair import Cable, after_handshake
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
    dtls = DtlsTransport(cast(IceTransport, ice), Certificate.generateCertificate(), lambda data: None)
    dtls.set_role("client")
    handshake = asyncio.create_task(dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", "00")])))
    await ice.asked.wait()
    ice.datagram.set_result(b"no DTLS")
    await asyncio.sleep(0)  # _recv() has its datagram now; its waiter has not been woken yet
    handshake.cancel()
    await asyncio.wait([handshake], timeout=PATIENCE)
    try:
        assert handshake.cancelled()
    finally:
        handshake.cancel()


@pytest.mark.parametrize(
    "key",
    [lambda: ec.generate_private_key(ec.SECP256R1()), lambda: rsa.generate_private_key(65537, 2048)],
    ids=["ECDSA", "RSA"],
)
async def test_a_server_s_certificate_may_be_of_either_kind(key: Callable[[], Any]) -> None:
    server_key = key()
    server = Certificate(server_key, generate_certificate(server_key))
    async with after_handshake(Certificate.generateCertificate(), server) as cables:
        assert all(cable.sizes for cable in cables)


def digest(certificate: Certificate, algorithm: str) -> RTCDtlsFingerprint:
    return next(each for each in certificate.getFingerprints() if each.algorithm == algorithm)


WRONG = RTCDtlsFingerprint("sha-256", ":".join(["AB"] * 32))
WRONG_512 = RTCDtlsFingerprint("sha-512", ":".join(["AB"] * 64))


@pytest.mark.parametrize(
    ("fingerprints", "state"),
    [
        (lambda right: [WRONG, digest(right, "sha-256")], "connected"),
        (lambda right: [digest(right, "sha-256"), WRONG], "connected"),
        (lambda right: [RTCDtlsFingerprint("SHA-256", digest(right, "sha-256").value.lower())], "connected"),
        (lambda right: [WRONG, digest(right, "sha-512")], "connected"),
        (lambda right: [digest(right, "sha-256"), WRONG_512], "failed"),
        (lambda right: [WRONG], "failed"),
        (lambda right: [RTCDtlsFingerprint("sha-1", "AB")], "failed"),
    ],
    ids=["second", "first", "case", "strongest right", "strongest wrong", "wrong", "unknown"],
)
async def test_one_fingerprint_of_the_strongest_hash_function_has_to_match(
    fingerprints: Callable[[Certificate], list[RTCDtlsFingerprint]], state: str
) -> None:
    one, other = asyncio.Queue[bytes](), asyncio.Queue[bytes]()
    ours, theirs = Certificate.generateCertificate(), Certificate.generateCertificate()
    end = DtlsTransport(cast(IceTransport, Cable("controlled", one, other)), ours, lambda data: None)
    far = DtlsTransport(cast(IceTransport, Cable("controlling", other, one)), theirs, lambda data: None)
    end.set_role("client")
    far.set_role("server")
    wanted = RTCDtlsParameters(fingerprints(theirs))
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(end.start(wanted), far.start(end.getLocalParameters()))
        assert end.state == state
        assert (end.failure is None) == (state == "connected")
    finally:
        for transport in (end, far):
            await transport.end()
