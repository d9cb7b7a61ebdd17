"""Feedback of a hostile viewer with valid SRTP keys: it takes linear time and causes few answers."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.webrtc.rtp.extended_reports import reference_times
from sidecar.webrtc.rtp.rtcp import RtcpPart, rtcp_parts
from sidecar.webrtc.rtp.rtcp_messages import full_intra_request, lost_packets, receiver_estimate, report_blocks
from sidecar.webrtc.rtp.transport_feedback import arrivals
from sidecar.webrtc.rtp.work_budget import BURST, PER_SECOND, WorkBudget
from tests.support.growth import MOST_GROWTH, growth
from tests.support.sender_bench import PARAMETERS, Bench
from tests.support.simulated_session import arrival_report as arrivals_of
from tests.unit.webrtc.rtp.test_feedback import Bench as ReaderBench

SSRC = PARAMETERS.ssrc


def packet(kind: int, fmt: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("!BBH", 0x80 | fmt, kind, len(body) // 4) + body


def feedback_packet(kind: int, fmt: int, fci: bytes) -> bytes:
    return packet(kind, fmt, struct.pack("!II", 7, SSRC) + fci)


def arrival_report(count: int, first: int = 0) -> bytes:
    """A transport-wide report of so many lost packets, in run-length chunks."""
    runs = b"".join(struct.pack("!H", min(count - at, 8191)) for at in range(0, count, 8191))
    return feedback_packet(205, 15, struct.pack("!HHI", first, count, 0) + runs)


def nack(entries: int) -> bytes:
    return feedback_packet(205, 1, b"".join(struct.pack("!HH", 17 * each & 0xFFFF, 0xFFFF) for each in range(entries)))


def reference_time() -> bytes:
    return struct.pack("!BBHQ", 4, 0, 2, 1 << 40)


def report_block() -> bytes:
    return struct.pack("!IB3sIIII", SSRC, 255, b"\x7f\xff\xff", 0xFFFFFFFF, 0xFFFFFFFF, 1, 0xFFFFFFFF)


COMPOUNDS: dict[str, Callable[[int], bytes]] = {
    "arrivals of one packet each": lambda size: arrival_report(1) * size,
    "arrivals of 8,192 packets each": lambda size: arrival_report(8192) * size,
    "arrivals that claim 65,535 packets": lambda size: arrival_report(65_535) * size,
    "lost packets": lambda size: nack(10) * size,
    "one long list of lost packets": lambda size: nack(min(size, 16_000)),
    "reference times": lambda size: packet(207, 0, struct.pack("!I", 7) + reference_time() * min(size, 5000)),
    "empty extended report blocks": lambda size: packet(207, 0, struct.pack("!I", 7) + bytes(4) * min(size, 16_000)),
    "report blocks": lambda size: packet(201, 31, struct.pack("!I", 7) + report_block() * 31) * size,
    "full intra requests": lambda size: feedback_packet(
        206, 4, b"".join(struct.pack("!IB3x", SSRC, each & 0xFF) for each in range(min(size, 8000)))
    ),
    "estimates of 255 streams": lambda size: (
        feedback_packet(206, 15, b"REMB" + struct.pack("!BBH", 255, 0xFF, 0xFFFF) + struct.pack("!I", SSRC) * 255)
        * size
    ),
    "padding without end": lambda size: (struct.pack("!BBH", 0xA0, 201, 1) + b"\xff\xff\xff\xff") * size,
    "headers": lambda size: struct.pack("!BBH", 0x80, 210, 0) * size,
}


@pytest.mark.parametrize("name", COMPOUNDS)
def test_feedback_takes_linear_time(name: str) -> None:
    bench = Bench()
    bench.connected()
    assert growth(COMPOUNDS[name], bench.session.receive) < MOST_GROWTH


def read_all(data: bytes) -> None:
    """Read every part in every manner, without the limits of Feedback."""
    for part in rtcp_parts(data):
        arrivals(part)
        list(reference_times(part))
        list(report_blocks(part))
        lost_packets(part, SSRC)
        full_intra_request(part, SSRC)
        receiver_estimate(part, SSRC)


@pytest.mark.parametrize("name", COMPOUNDS)
def test_each_reader_takes_linear_time(name: str) -> None:
    assert growth(COMPOUNDS[name], read_all, size=4) < MOST_GROWTH


@pytest.mark.parametrize("name", COMPOUNDS)
def test_one_compound_makes_few_answers(name: str) -> None:
    bench = Bench()
    bench.connected()
    bench.push(*(b"x" for _ in range(500)), keyframe=False)
    rtp, rtcp, asked = len(bench.wire.rtp), len(bench.wire.rtcp), len(bench.reasons)
    bench.session.receive(COMPOUNDS[name](400))
    assert len(bench.wire.rtp) - rtp <= 256
    assert len(bench.wire.rtcp) - rtcp <= 1
    assert len(bench.reasons) - asked <= 32


def test_reports_that_name_more_packets_than_can_be_sent_are_left_unread() -> None:
    bench = ReaderBench()
    for _ in range(100):
        bench.reader.read(arrival_report(8192))
    assert len(bench.handler.arrivals) == BURST // 8192


def test_what_a_viewer_that_means_well_tells_is_read_for_ever() -> None:
    now = [0.0]
    budget = WorkBudget(lambda: now[0])
    assert budget.take(BURST)
    for _ in range(100):
        now[0] += 0.05
        assert budget.take(300)  # 50 Mbit/s, twenty reports a second
    assert not budget.take(PER_SECOND + 1)


def test_reference_times_are_answered_at_intervals() -> None:
    bench = Bench()
    asked = packet(207, 0, struct.pack("!I", 7) + reference_time())
    for _ in range(20):
        bench.session.receive(asked)
    assert len(bench.wire.rtcp) == 1
    bench.now += 1.0
    bench.session.receive(asked)
    assert len(bench.wire.rtcp) == 2


def test_retransmissions_are_bounded_whatever_is_asked_for() -> None:
    bench = Bench()
    bench.connected(round_trip_time=0.0)
    bench.session.receive(arrivals_of(1, [5.0]))  # with arrivals known, missing packets are no collapse
    bench.target_bitrate = 1_000_000
    bench.push(*(bytes(1000) for _ in range(100)))
    bench.turn(1.0)
    first = bench.wire.packets()[1].sequence_number
    for number in range(50):
        bench.now += 0.011
        bench.miss(range(first + 17 * (number % 6), first + 17 * (number % 6) + 17))
    assert 300_000 < sum(8 * len(each.payload) for each in bench.wire.retransmissions()) <= 500_000


@given(st.lists(st.tuples(st.integers(192, 223), st.integers(0, 31), st.binary(max_size=60)), max_size=6))
def test_any_packets_are_read_without_an_error(packets: list[tuple[int, int, bytes]]) -> None:
    bench = Bench()
    bench.session.receive(b"".join(packet(kind, fmt, body) for kind, fmt, body in packets))


@given(st.sampled_from([200, 201, 205, 206, 207]), st.sampled_from([0, 1, 4, 15, 31]), st.binary(max_size=120))
def test_any_packet_for_our_stream_is_read_without_an_error(kind: int, fmt: int, body: bytes) -> None:
    bench = Bench()
    bench.connected()
    bench.session.receive(feedback_packet(kind, fmt, body))
    for part in rtcp_parts(feedback_packet(kind, fmt, body)):
        assert isinstance(part, RtcpPart)
