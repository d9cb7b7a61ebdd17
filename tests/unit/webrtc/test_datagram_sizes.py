"""No UDP payload is longer than 1,200 bytes: checks, handshake, media, reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiortc.rtcdtlstransport import generate_certificate
from aiortc.rtp import RTCP_RTPFB_NACK, AnyRtcpPacket, RtcpRtpfbPacket, RtcpSrPacket, RtpPacket
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pylibsrtp import Policy, Session

from sidecar.media.access_unit import AccessUnit
from sidecar.media.h264 import H264
from sidecar.webrtc.dtls import MAX_FLIGHT_DATAGRAM, Certificate, datagrams_of
from sidecar.webrtc.ice.policy import IcePolicy, IceTimings
from sidecar.webrtc.ice.sockets import CheckedProtocol
from sidecar.webrtc.policy import PeerPolicy
from sidecar.webrtc.rtp.packetiser import (
    MAX_DATAGRAM,
    MAX_PAYLOAD,
    RELAY_HEADER,
    RTP_EXTENSIONS,
    RTP_HEADER,
    SRTP_TAG,
)
from sidecar.webrtc.sdp import SdpDescription
from tests.support.access_units import encoded_pictures, stamped_now
from tests.support.dtls_pair import after_handshake
from tests.support.peers import Viewer, connected_with, gather_on_loopback, until
from tests.support.sender_bench import PARAMETERS, Bench

LONGEST_MID = "m" * 16


def longest_unit(bench: Bench) -> AccessUnit:
    """Return a keyframe with payloads of the maximum length."""
    return replace(bench.unit(b"\x65" + bytes(10 * MAX_PAYLOAD)), codec=H264)


def test_the_longest_packet_and_its_retransmission_just_fit() -> None:
    bench = Bench(replace(PARAMETERS, mid=LONGEST_MID))
    bench.connected()
    bench.session.push(longest_unit(bench))
    first = bench.wire.packets()[1].sequence_number
    sent = len(bench.wire.rtp)
    bench.miss(range(first, first + 8))
    key = {"key": bytes(28), "ssrc_type": Policy.SSRC_ANY_OUTBOUND}
    session = Session(Policy(**key, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM))
    longest = [
        max(len(session.protect(each)) for each in part) for part in (bench.wire.rtp[:sent], bench.wire.rtp[sent:])
    ]
    assert longest == [MAX_DATAGRAM - RELAY_HEADER - 2, MAX_DATAGRAM - RELAY_HEADER]


def test_the_longest_block_of_extensions_is_as_long_as_is_reckoned() -> None:
    bench = Bench(replace(PARAMETERS, mid=LONGEST_MID))
    bench.session.push(longest_unit(bench))
    assert len(bench.wire.rtp[0]) - MAX_PAYLOAD == RTP_HEADER + RTP_EXTENSIONS


@pytest.mark.parametrize("profile", [Policy.SRTP_PROFILE_AEAD_AES_256_GCM, Policy.SRTP_PROFILE_AES128_CM_SHA1_80])
def test_no_profile_has_a_longer_tag(profile: int) -> None:
    session = Session(
        Policy(
            key=bytes(44 if profile == Policy.SRTP_PROFILE_AEAD_AES_256_GCM else 30),
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=profile,
        )
    )
    packet = b"\x80\x66" + bytes(100)
    assert len(session.protect(packet)) - len(packet) <= SRTP_TAG


@pytest.mark.parametrize(
    "key",
    [lambda: ec.generate_private_key(ec.SECP256R1()), lambda: rsa.generate_private_key(65537, 4096)],
    ids=["ECDSA", "RSA 4096"],
)
async def test_a_handshake_s_datagrams_fit_however_long_its_certificates_are(key: Callable[[], Any]) -> None:
    client, server = (Certificate(each, generate_certificate(each)) for each in (key(), key()))
    async with after_handshake(client, server) as cables:
        assert max(cables[0].sizes + cables[1].sizes) <= MAX_FLIGHT_DATAGRAM


def record(length: int) -> bytes:
    return b"\x16\xfe\xfd" + bytes(8) + length.to_bytes(2, "big") + bytes(length)


def test_the_records_of_a_flight_share_datagrams_but_none_is_cut() -> None:
    flight = record(500) + record(500) + record(500) + record(1183) + record(20)
    assert [len(each) for each in datagrams_of(flight)] == [1026, 513, 1196, 33]
    assert b"".join(datagrams_of(flight)) == flight
    assert list(datagrams_of(b"")) == []


class RecordingViewer(Viewer):
    """Records the sequence numbers of the video that it receives, and whether a sender report came."""

    def __init__(self) -> None:
        super().__init__()
        self.sequence_numbers: list[int] = []
        self.has_report = False

    async def answer(self, offer: SdpDescription) -> str:
        """Take an offer; the answer's sdp."""
        answer = await super().answer(offer)
        self.receiver._handle_rtp_packet = self._on_rtp  # type: ignore[method-assign]
        self.receiver._handle_rtcp_packet = self._on_rtcp  # type: ignore[method-assign]
        return answer

    async def _on_rtp(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if packet.ssrc == self.ssrc:
            self.sequence_numbers.append(packet.sequence_number)

    async def _on_rtcp(self, packet: AnyRtcpPacket) -> None:
        self.has_report |= isinstance(packet, RtcpSrPacket)


QUICK = PeerPolicy(poll_interval=0.1)
QUICK_ICE = IcePolicy(timings=IceTimings(consent_interval=0.05))
"""A report is sent, and signs of life are asked for, without a wait."""


async def test_every_datagram_of_a_connection_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks, handshake, keyframes, retransmissions, reports and the end."""
    gather_on_loopback(monkeypatch)
    sizes: list[int] = []
    made = CheckedProtocol.connection_made

    def connection_made(self: CheckedProtocol, transport: Any) -> None:
        made(self, transport)
        send = transport.sendto

        def sendto(data: bytes, addr: Any = None) -> None:
            sizes.append(len(data))
            send(data, addr)

        transport.sendto = sendto

    monkeypatch.setattr(CheckedProtocol, "connection_made", connection_made)
    async with connected_with(RecordingViewer(), policy=QUICK, ice_policy=QUICK_ICE) as (peer, listener, viewer):
        for unit in encoded_pictures(5):
            peer.push(stamped_now(unit))
        peer.push(stamped_now(replace(encoded_pictures(1)[0], nal_units=(b"\x65" + bytes(50_000),))))
        await until(lambda: len(viewer.sequence_numbers) > 40)
        await viewer.send_rtcp(
            RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=viewer.ssrc, lost=viewer.sequence_numbers[-10:])
        )
        await until(lambda: peer.stats().retransmitted_packets_sent == 10 and viewer.has_report)
        assert listener.state_names == ["connecting", "connected"]
        assert viewer.pc.connectionState == "connected"
    assert len(sizes) > 60
    assert max(sizes) <= MAX_DATAGRAM - RELAY_HEADER
