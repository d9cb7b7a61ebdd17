"""A viewer's RTCP, as it comes and as it must not."""

from __future__ import annotations

import struct
from collections.abc import Sequence

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

from sidecar.congestion.reports import Arrival
from sidecar.contract.types import OutboundStats
from sidecar.webrtc.rtp.extended_reports import ReferenceTime
from sidecar.webrtc.rtp.feedback import FeedbackReader
from sidecar.webrtc.rtp.rtcp_messages import ReportBlock
from tests.support.peers import RecordingSubscription

SSRC = 0x0A0B0C0D


class Handler:
    """A FeedbackHandler, and StreamRequests, that record their calls."""

    def __init__(self) -> None:
        self.arrivals: list[Sequence[Arrival]] = []
        self.reports: list[ReportBlock] = []
        self.missing: list[Sequence[int]] = []
        self.estimates: list[int] = []
        self.subscription = RecordingSubscription(lambda: None)
        self.reference_times: list[ReferenceTime] = []

    def on_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        self.arrivals.append(arrivals)

    def on_report(self, report: ReportBlock) -> None:
        self.reports.append(report)

    def on_missing(self, sequence_numbers: Sequence[int]) -> None:
        self.missing.append(sequence_numbers)

    def on_receiver_estimate(self, bitrate: int) -> None:
        self.estimates.append(bitrate)

    def request_keyframe(self, reason: str) -> None:
        raise AssertionError(reason)

    def report_capacity(self, bps: int) -> None:
        raise AssertionError(bps)

    def on_reference_time(self, reference_time: ReferenceTime) -> None:
        self.reference_times.append(reference_time)


class Bench:
    """A reader of feedback about one stream."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.handler = Handler()
        self.counters = OutboundStats()
        self.reader = FeedbackReader(SSRC, self.handler, self.handler, self.counters, lambda: self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def fir(ssrc: int, number: int) -> bytes:
    return struct.pack("!IB3x", ssrc, number)


def payload_feedback(fmt: int, media_ssrc: int = 0, fci: bytes = b"") -> bytes:
    return bytes(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=media_ssrc, fci=fci))


def test_a_reference_time_is_read_from_a_compound_packet(bench: Bench) -> None:
    report = bytes(RtcpRrPacket(ssrc=1, reports=[]))
    bench.reader.read(report + struct.pack("!BBHIBBHQ", 0x80, 207, 4, 1, 4, 0, 2, 1 << 40))
    assert bench.handler.reference_times == [ReferenceTime(1, 1 << 40)]


def test_a_picture_loss_indication_is_a_wish_for_a_keyframe(bench: Bench) -> None:
    bench.reader.read(payload_feedback(RTCP_PSFB_PLI, SSRC))
    assert (bench.counters.pli_count, bench.handler.subscription.keyframe_requests) == (1, 1)


def test_a_picture_loss_indication_for_another_stream_is_not_ours(bench: Bench) -> None:
    bench.reader.read(payload_feedback(RTCP_PSFB_PLI, SSRC + 5))
    assert (bench.counters.pli_count, bench.handler.subscription.keyframe_requests) == (0, 0)


def test_a_full_intra_request_names_its_stream_in_the_entry(bench: Bench) -> None:
    bench.reader.read(payload_feedback(RTCP_PSFB_FIR, 0, fir(SSRC + 5, 1) + fir(SSRC, 9)))
    assert (bench.counters.fir_count, bench.handler.subscription.keyframe_requests) == (1, 1)


def test_a_repeated_full_intra_request_is_one(bench: Bench) -> None:
    for number in (1, 1, 2, 2):
        bench.reader.read(payload_feedback(RTCP_PSFB_FIR, 0, fir(SSRC, number)))
    assert bench.counters.fir_count == 2


def test_missing_packets_are_counted_and_handed_on(bench: Bench) -> None:
    bench.reader.read(bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=SSRC, lost=[7, 9])))
    assert (bench.counters.nack_count, bench.handler.missing) == (1, [[7, 9]])


def test_other_transport_feedback_is_left_out(bench: Bench) -> None:
    bench.reader.read(bytes(RtcpRtpfbPacket(fmt=15, ssrc=1, media_ssrc=SSRC, lost=[7])))
    assert bench.counters.nack_count == 0


def test_a_receiver_estimate_is_handed_on(bench: Bench) -> None:
    bench.reader.read(payload_feedback(RTCP_PSFB_APP, 0, pack_remb_fci(1_000_000, [3, SSRC])))
    assert bench.handler.estimates == [pytest.approx(1_000_000, rel=0.01)]


def test_an_estimate_for_another_stream_is_not_ours(bench: Bench) -> None:
    bench.reader.read(payload_feedback(RTCP_PSFB_APP, 0, pack_remb_fci(1_000_000, [3])))
    assert bench.handler.estimates == []


def test_a_receiver_report_tells_loss_and_jitter(bench: Bench) -> None:
    info = RtcpReceiverInfo(SSRC, 64, 12, 1000, 900, 0, 0)
    other = RtcpReceiverInfo(SSRC + 1, 255, 99, 1000, 9, 0, 0)
    bench.reader.read(bytes(RtcpRrPacket(ssrc=1, reports=[info, other])))
    assert (bench.counters.packets_lost, bench.counters.fraction_lost) == (12, 0.25)
    assert bench.counters.jitter_ms == pytest.approx(10)
    assert [(report.ssrc, report.fraction, report.highest) for report in bench.handler.reports] == [(SSRC, 64, 1000)]


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
    bench.reader.read(data)
    assert bench.handler.subscription.keyframe_requests == 0


HEADER = st.tuples(st.integers(0x80, 0x9F), st.integers(200, 207)).map(bytes)


@given(st.lists(st.tuples(HEADER, st.binary(max_size=64).map(lambda b: b[: len(b) // 4 * 4])), max_size=4))
def test_no_bytes_break_it(parts: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(head + (len(body) // 4).to_bytes(2, "big") + body for head, body in parts)
    Bench().reader.read(data)
