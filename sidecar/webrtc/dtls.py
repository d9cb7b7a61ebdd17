"""DTLS and SRTP (RFC 5763, RFC 5764): aiortc's transport over our ICE agent, with sending that needs no task."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from aiortc.rtcdtlstransport import (
    X509_DIGEST_ALGORITHMS,
    RTCCertificate,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
    certificate_digest,
)
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL

from sidecar.webrtc.ice.candidates import LocalCandidate, is_loopback
from sidecar.webrtc.ice.relay import backlog
from sidecar.webrtc.ice.transport import IceTransport
from sidecar.webrtc.rtp.packetiser import MAX_DATAGRAM, RELAY_HEADER

MAX_BACKLOG = 512 * 1024
"""Bytes that may wait in this process for the system; behind more of them the viewer's picture is late anyway."""

CIPHERS = b":".join(
    b"ECDHE-%b-%b" % (key, cipher)
    for cipher in (b"AES128-GCM-SHA256", b"CHACHA20-POLY1305", b"AES128-SHA", b"AES256-SHA")
    for key in (b"ECDSA", b"RSA")
)
"""Ciphers for both kinds of server certificates: GStreamer's is RSA; aiortc has only the ciphers for ECDSA."""

HASH_FUNCTIONS = tuple(sorted(X509_DIGEST_ALGORITHMS, key=lambda name: -X509_DIGEST_ALGORITHMS[name].digest_size))
"""The hash functions of fingerprints (RFC 8122, 5), the strongest first."""

MAX_FLIGHT_DATAGRAM = MAX_DATAGRAM - RELAY_HEADER
"""The longest datagram of the handshake, in bytes."""

MAX_FLIGHT = 1 << 16
"""Bytes that are read from OpenSSL at once; a flight with a long certificate has some 3,000."""

# The length of a record's header, and the place of the length field in it (RFC 6347, 4.1).
RECORD_HEADER = 13
RECORD_LENGTH_AT = 11

logger = logging.getLogger(__name__)


class Certificate(RTCCertificate):
    """A certificate (W3C RTCCertificate) whose connections accept peers' certificates of RSA and of ECDSA."""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        context.set_options(SSL.OP_NO_QUERY_MTU)  # OpenSSL would ask its memory buffer, which has no MTU
        return context


class DtlsTransport(RTCDtlsTransport):
    """Encrypts RTP and RTCP packets and passes decrypted RTCP packets to `on_rtcp`.

    `failure` is the reason of a failed handshake, for people. Received RTP packets are dropped: the sidecar only sends.
    """

    def __init__(
        self,
        ice_transport: IceTransport,
        certificate: Certificate,
        on_rtcp: Callable[[bytes], None],
        *,
        max_backlog: int = MAX_BACKLOG,
    ) -> None:
        """`max_backlog`: the bytes that may wait for the system; `send_rtp` refuses to add to more."""
        super().__init__(cast(RTCIceTransport, ice_transport), [certificate])
        self.failure: str | None = None
        self._ice = ice_transport
        self._on_rtcp = on_rtcp
        self._max_backlog = max_backlog

    @property
    def fingerprints(self) -> list[tuple[str, str]]:
        """The fingerprints of the own certificate, as (algorithm, value)."""
        prints = self.getLocalParameters().fingerprints
        return [(each.algorithm, each.value) for each in prints if each.algorithm == "sha-256"]

    def set_role(self, role: str) -> None:
        """Take the role `client` or `server`, by the a=setup of the answer (RFC 5763, 5)."""
        self._set_role(role)

    async def start(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803 - aiortc's name
        """Shake hands and verify the peer's certificate; `state` and `failure` have the outcome."""
        await super().start(remoteParameters)
        if self.state == "failed" and self.failure is None:
            self.failure = "the DTLS handshake failed"
        if self._task is not None:
            self._task.add_done_callback(_retrieve)

    async def end(self) -> None:
        """Send close_notify and end the receiving task."""
        task = self._task
        await self.stop()
        if task is not None:
            await asyncio.wait([task])
        self.remove_all_listeners()

    @property
    def is_local(self) -> bool:
        """Whether the peer is on this machine."""
        pair = self._ice.agent.selected_pair
        if pair is None or not isinstance(pair.local_candidate, LocalCandidate):
            return False
        remote = pair.remote_addr[0]
        return is_loopback(remote) or remote in pair.local_candidate.machine_addresses

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        """Encrypt RTP packets, send them now, and return whether they were sent.

        They are not sent without a path, or when more than `max_backlog` bytes wait for the system.
        The packets leave without a task or a wait, so they keep their order and a frame costs one look-up.
        """
        pair = self._ice.agent.selected_pair
        if pair is None or self.state != "connected":
            return False
        transport, address = pair.protocol.transport, pair.remote_addr
        if backlog(transport) > self._max_backlog:
            return False
        protect, send = self._tx_srtp.protect, transport.sendto
        for packet in packets:
            send(protect(packet), address)
        return True

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt an RTCP packet and send it now, if there is a path."""
        pair = self._ice.agent.selected_pair
        if pair is not None and self.state == "connected":
            pair.protocol.transport.sendto(self._tx_srtp.protect_rtcp(packet), pair.remote_addr)

    async def _do_handshake(self) -> None:
        assert self._ssl is not None
        self._ssl.set_ciphertext_mtu(MAX_FLIGHT_DATAGRAM)
        await super()._do_handshake()

    async def _write_ssl(self) -> None:
        """Send the records in OpenSSL's buffer, in datagrams of whole records.

        aiortc sends the records of a flight as one datagram of up to 1,500 bytes, and does not send the rest.
        """
        assert self._ssl is not None
        try:
            records = self._ssl.bio_read(MAX_FLIGHT)
        except SSL.Error:  # the buffer is empty
            return
        for datagram in datagrams_of(records):
            await self.transport._send(datagram)

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803 - aiortc's name
        # RFC 8122, 5.1: one fingerprint of the strongest known hash function has to match. aiortc requires every
        # fingerprint to match.
        assert self._ssl is not None
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)
        assert certificate is not None  # a handshake without one fails (aiortc's verify mode)
        wanted: dict[str, set[str]] = {}
        for each in remoteParameters.fingerprints:
            wanted.setdefault(each.algorithm.lower(), set()).add(each.value.upper())
        strongest = next((algorithm for algorithm in HASH_FUNCTIONS if algorithm in wanted), None)
        if strongest is None or certificate_digest(certificate, strongest) not in wanted[strongest]:
            self._set_state(State.FAILED)
            self.failure = "the peer's certificate does not match the fingerprint in its description"

    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self.state == "failed":
            self.failure = "the peer and the sidecar share no SRTP protection profile"

    async def _recv_next(self) -> None:
        await super()._recv_next()
        # aiortc waits by asyncio.wait_for. Before Python 3.12 that loses a cancellation that arrives together with a
        # datagram: the handshake would go on, and `end` would wait for ever.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError

    async def _handle_rtcp_data(self, data: bytes) -> None:
        # An exception would close the transport and end the stream.
        try:
            self._on_rtcp(data)
        except Exception:
            logger.exception("an RTCP packet could not be handled")

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        return


def datagrams_of(records: bytes) -> Iterator[bytes]:
    """Return the DTLS records of a flight as datagrams of at most MAX_FLIGHT_DATAGRAM bytes.

    A record is never cut (RFC 6347, 4.1.1); OpenSSL keeps them short enough.
    """
    start = end = 0
    while end < len(records):
        record_end = end + RECORD_HEADER + int.from_bytes(records[end + RECORD_LENGTH_AT : end + RECORD_HEADER], "big")
        if record_end - start > MAX_FLIGHT_DATAGRAM and end > start:
            yield records[start:end]
            start = end
        end = record_end
    if start < len(records):
        yield records[start:]


def _retrieve(task: asyncio.Future[None]) -> None:
    # aiortc never reads the outcome of its receiving task, and has logged it already.
    if not task.cancelled():
        task.exception()
