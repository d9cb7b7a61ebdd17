"""Reports of arrivals, as draft-holmer-rmcat-transport-wide-cc-extensions-01 writes them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.webrtc.rtp.rtcp import RtcpPart, rtcp_parts
from sidecar.webrtc.rtp.transport_feedback import MAX_PACKETS, arrivals, is_transport_feedback
from tests.support.simulated_session import arrival_report


def read(packet: bytes) -> list[tuple[int, float | None]]:
    (part,) = rtcp_parts(packet)
    assert is_transport_feedback(part)
    return [tuple(arrival) for arrival in arrivals(part)]  # type: ignore[misc]


def part(first: int, count: int, reference: int, rest: bytes) -> RtcpPart:
    body = struct.pack("!IIHHI", 3, 1, first, count, (reference & 0xFFFFFF) << 8) + rest
    return RtcpPart(205, 15, body)


def test_a_run_of_packets_that_arrived_evenly() -> None:
    told = arrivals(part(10, 3, 2, struct.pack("!H3B", 1 << 13 | 3, 4, 8, 8)))
    assert [number for number, _ in told] == [10, 11, 12]
    assert [at for _, at in told] == pytest.approx([0.129, 0.131, 0.133])


def test_a_vector_of_one_bit_symbols_names_the_lost_ones() -> None:
    chunk = 0x8000 | 0b10100000000000
    told = arrivals(part(65_534, 3, 0, struct.pack("!H2B", chunk, 0, 4)))
    assert [tuple(arrival) for arrival in told] == [(65_534, 0.0), (65_535, None), (0, 0.001)]


def test_a_packet_may_have_come_before_the_one_with_the_number_before() -> None:
    chunk = 0xC000 | 1 << 12 | 2 << 10
    told = arrivals(part(1, 2, 1, struct.pack("!HBh", chunk, 40, -8)))
    assert [at for _, at in told] == [pytest.approx(0.074), pytest.approx(0.072)]


def test_a_reference_time_may_be_negative() -> None:
    ((_, at),) = arrivals(part(1, 1, -1, struct.pack("!HB", 1 << 13 | 1, 0)))
    assert at == pytest.approx(-0.064)


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        struct.pack("!H", 1 << 13),  # an empty run
        struct.pack("!HB", 3 << 13 | 2, 0),  # a status that is reserved
        struct.pack("!HB", 1 << 13 | 2, 0),  # a time is missing
    ],
)
def test_what_cannot_be_read_tells_nothing(rest: bytes) -> None:
    assert arrivals(part(1, 2, 0, rest)) == []


def test_a_report_about_too_many_packets_is_none() -> None:
    chunks = struct.pack("!H", 0x1FFF) * 9
    assert len(arrivals(part(0, MAX_PACKETS, 0, chunks))) == MAX_PACKETS
    assert arrivals(part(0, MAX_PACKETS + 1, 0, chunks)) == []


@given(
    st.integers(0, 65_535),
    st.lists(st.one_of(st.none(), st.floats(5000, 5003)), min_size=1, max_size=60).filter(any),
)
def test_a_written_report_is_read_again(first: int, told: list[float | None]) -> None:
    found = read(arrival_report(first, told))
    assert [number for number, _ in found] == [(first + offset) & 0xFFFF for offset in range(len(told))]
    assert [at for _, at in found] == [None if at is None else pytest.approx(at, abs=0.0002) for at in told]


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    arrivals(RtcpPart(205, 15, body))
