"""A viewer's RTCP, as it comes and as it must not."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import pytest
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    pack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.bandwidth import BandwidthEstimator
from sidecar.webrtc.rtp.feedback import Feedback
from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.sender import RtpSender
from sidecar.webrtc.sdp import CodecParameters, ExtensionIds
from tests.support.access_units import unit_of_payloads

SSRC = 0x0A0B0C0D


class NoTimer:
    def cancel(self) -> None:
        return


NO_TIMER = NoTimer()


class Wire:
    """An RtpTransport that keeps the RTCP that it is given."""

    is_local = False

    def __init__(self) -> None:
        self.rtcp: list[bytes] = []

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        list(packets)
        return True

    def send_rtcp(self, packet: bytes) -> None:
        self.rtcp.append(packet)


class Bench:
    def __init__(self) -> None:
        parameters = SenderParameters(SSRC, SSRC + 1, "camera", "0", CodecParameters(), ExtensionIds(), (0, 0))
        self.now = 1000.0
        self.reasons: list[str] = []
        self.wire = Wire()
        self.estimator = BandwidthEstimator(lambda: self.now)
        self.sender = RtpSender(parameters, self.wire, self.reasons.append, lambda: self.now, lambda _, __: NO_TIMER)
        self.feedback = Feedback(SSRC, self.sender, self.estimator, self.reasons.append)

    def has_a_past(self) -> None:
        """The stream is a while old, and a round trip of 20 ms is known."""
        self.sender.push(access_unit(1))
        self.sender.send_report()
        self.now += 0.02
        self.sender.on_report_echoed(self.sender._reports[-1][0], 0)
        self.now += 2


def access_unit(packets: int) -> AccessUnit:
    return unit_of_payloads(*(b"x" * 1000,) * packets)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def fir(ssrc: int, number: int) -> bytes:
    return struct.pack("!IB3x", ssrc, number)


def payload_feedback(fmt: int, media_ssrc: int = 0, fci: bytes = b"") -> bytes:
    return bytes(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=media_ssrc, fci=fci))


def test_a_viewer_that_asks_how_far_away_we_are_is_answered(bench: Bench) -> None:
    report = bytes(RtcpRrPacket(ssrc=1, reports=[]))
    bench.feedback.receive(report + struct.pack("!BBHIBBHQ", 0x80, 207, 4, 1, 4, 0, 2, 1 << 40))
    assert [packet[1] for packet in bench.wire.rtcp] == [207]


def test_a_picture_loss_indication_is_a_wish_for_a_keyframe(bench: Bench) -> None:
    bench.feedback.receive(payload_feedback(RTCP_PSFB_PLI, SSRC))
    assert (bench.feedback.pli_count, bench.reasons) == (1, ["picture loss indication"])


def test_a_picture_loss_indication_for_another_stream_is_not_ours(bench: Bench) -> None:
    bench.feedback.receive(payload_feedback(RTCP_PSFB_PLI, SSRC + 5))
    assert (bench.feedback.pli_count, bench.reasons) == (0, [])


def test_a_full_intra_request_names_its_stream_in_the_entry(bench: Bench) -> None:
    bench.feedback.receive(payload_feedback(RTCP_PSFB_FIR, 0, fir(SSRC + 5, 1) + fir(SSRC, 9)))
    assert (bench.feedback.fir_count, bench.reasons) == (1, ["full intra request"])


def test_a_repeated_full_intra_request_is_one(bench: Bench) -> None:
    for number in (1, 1, 2, 2):
        bench.feedback.receive(payload_feedback(RTCP_PSFB_FIR, 0, fir(SSRC, number)))
    assert bench.feedback.fir_count == 2


def test_losses_are_counted_and_handed_to_the_sender(bench: Bench) -> None:
    asked: list[int] = []
    bench.sender.retransmit = asked.extend  # type: ignore[method-assign, assignment]
    bench.feedback.receive(bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=SSRC, lost=[7, 9])))
    assert (bench.feedback.nack_count, asked) == (1, [7, 9])


def test_other_transport_feedback_is_left_out(bench: Bench) -> None:
    bench.feedback.receive(bytes(RtcpRtpfbPacket(fmt=15, ssrc=1, media_ssrc=SSRC, lost=[7])))
    assert bench.feedback.nack_count == 0


def test_a_receiver_estimate_reaches_the_estimator(bench: Bench) -> None:
    bench.feedback.receive(payload_feedback(RTCP_PSFB_APP, 0, pack_remb_fci(1_000_000, [3, SSRC])))
    assert bench.estimator.receiver_estimate == pytest.approx(1_000_000, rel=0.01)


def test_an_estimate_for_another_stream_is_not_ours(bench: Bench) -> None:
    bench.feedback.receive(payload_feedback(RTCP_PSFB_APP, 0, pack_remb_fci(1_000_000, [3])))
    assert bench.estimator.receiver_estimate is None


def test_a_receiver_report_tells_loss_and_jitter(bench: Bench) -> None:
    info = RtcpReceiverInfo(SSRC, 64, 12, 1000, 900, 0, 0)
    other = RtcpReceiverInfo(SSRC + 1, 255, 99, 1000, 9, 0, 0)
    bench.feedback.receive(bytes(RtcpRrPacket(ssrc=1, reports=[info, other])))
    assert (bench.feedback.packets_lost, bench.feedback.fraction_lost) == (12, 0.25)
    assert bench.feedback.jitter == pytest.approx(0.01)


def report(highest: int, fraction: float) -> bytes:
    info = RtcpReceiverInfo(SSRC, round(256 * fraction), 0, highest, 0, 0, 0)
    return bytes(RtcpRrPacket(ssrc=1, reports=[info]))


def test_the_loss_of_a_few_packets_waits_until_there_are_enough_of_them(bench: Bench) -> None:
    told: list[float] = []
    bench.estimator.on_loss = lambda fraction, sent: told.append(fraction)  # type: ignore[method-assign]
    for highest, fraction in ((1000, 0.0), (1005, 0.2), (1010, 0.0), (1019, 0.0)):
        bench.feedback.receive(report(highest, fraction))
    assert told == []
    bench.feedback.receive(report(1025, 0.0))
    assert told == [pytest.approx(0.04, abs=0.002)]


def lost(numbers: list[int]) -> bytes:
    return bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=SSRC, lost=numbers))


def numbers_sent(bench: Bench, count: int) -> list[int]:
    """Send so many packets; their sequence numbers."""
    bench.sender.push(access_unit(count))
    first = bench.sender._history._frames[-1].sequence_number
    return [(first + index) & 0xFFFF for index in range(count)]


def test_most_packets_lost_from_a_queue_is_a_collapse(bench: Bench) -> None:
    bench.has_a_past()
    numbers = numbers_sent(bench, 40)
    bench.now += 0.3
    bench.feedback.receive(lost(numbers[:30]))
    assert bench.feedback.has_collapsed
    assert bench.estimator.estimate is not None
    assert bench.sender.retransmitted_packets_sent == 0
    bench.feedback.start_over()
    assert not bench.feedback.has_collapsed
    bench.feedback.receive(lost(numbers))
    assert not bench.feedback.has_collapsed, "what was lost before is known"


def test_packets_that_overtake_each_other_are_no_collapse(bench: Bench) -> None:
    bench.has_a_past()
    numbers = numbers_sent(bench, 40)
    bench.now += 0.03
    bench.feedback.receive(lost(numbers[:30]))
    assert not bench.feedback.has_collapsed
    assert bench.sender.retransmitted_packets_sent == 30


def test_what_is_lost_while_the_viewer_is_out_of_reach_counts_for_nothing(bench: Bench) -> None:
    told: list[float] = []
    bench.estimator.on_loss = lambda fraction, sent: told.append(fraction)  # type: ignore[method-assign]
    bench.has_a_past()
    bench.feedback.receive(report(1000, 0.0))
    numbers = numbers_sent(bench, 40)
    bench.feedback.interrupt()
    bench.now += 0.5
    bench.feedback.receive(lost(numbers[:30]))
    bench.feedback.receive(report(1040, 0.9))
    assert not bench.feedback.has_collapsed
    assert bench.sender.retransmitted_packets_sent == 0
    assert told == []
    bench.feedback.receive(report(1080, 0.1))
    assert told == [pytest.approx(0.1, abs=0.01)]


def test_what_is_missed_at_the_start_is_no_collapse(bench: Bench) -> None:
    numbers = numbers_sent(bench, 40)
    bench.now += 0.3
    bench.feedback.receive(lost(numbers[:30]))
    assert not bench.feedback.has_collapsed
    assert bench.estimator.estimate is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x80\xc9\x00\x09",
        payload_feedback(RTCP_PSFB_APP, 0, b"REMB\xff\x00\x00\x00"),
        payload_feedback(RTCP_PSFB_APP, 0, b"AFB!"),
        payload_feedback(RTCP_PSFB_FIR, 0, b"\x01\x02\x03\x04"),
    ],
)
def test_what_cannot_be_read_is_left_out(bench: Bench, data: bytes) -> None:
    bench.feedback.receive(data)
    assert bench.reasons == []


HEADER = st.tuples(st.integers(0x80, 0x9F), st.integers(200, 207)).map(bytes)


@given(st.lists(st.tuples(HEADER, st.binary(max_size=64).map(lambda b: b[: len(b) // 4 * 4])), max_size=4))
def test_no_bytes_break_it(parts: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(head + (len(body) // 4).to_bytes(2, "big") + body for head, body in parts)
    Bench().feedback.receive(data)
