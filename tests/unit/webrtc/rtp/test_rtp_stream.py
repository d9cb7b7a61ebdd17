"""Numbers, time stamps and counters of one stream."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from sidecar.congestion.round_trips import PathDelays
from sidecar.contract.types import OutboundStats
from sidecar.webrtc.rtp.history import History
from sidecar.webrtc.rtp.rtp_stream import RtpStream
from tests.support.access_units import unit_of_payloads
from tests.support.sender_bench import PARAMETERS


@pytest.fixture
def stream() -> RtpStream:
    return RtpStream(PARAMETERS, History(PathDelays(), 1.0), OutboundStats(), time.time)


def send(stream: RtpStream, *payloads: bytes, now: float = 10.0) -> list[int]:
    """Send a frame of these payloads; the sequence numbers."""
    frame = stream.begin(payloads, 0, now, now)
    packets = [stream.packet(frame, index, b"\0" * 8) for index in range(len(payloads))]
    return [int.from_bytes(packet[2:4], "big") for packet in packets]


def test_packets_and_payload_bytes_are_counted(stream: RtpStream) -> None:
    send(stream, b"abc", b"de")
    assert (stream.counters.packets_sent, stream.counters.bytes_sent) == (2, 5)


def test_sequence_numbers_are_consecutive(stream: RtpStream) -> None:
    numbers = send(stream, b"a", b"b") + send(stream, b"c")
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_time_stamps_never_go_back_when_the_encoding_changes(stream: RtpStream) -> None:
    unit = unit_of_payloads(b"a", at=5.0)
    first = stream.next_timestamp(unit)
    assert first == stream.timestamp(unit.rtp_timestamp)
    assert stream.next_timestamp(unit) == (first + 1) & 0xFFFFFFFF
    assert stream.next_timestamp(replace(unit, rtp_timestamp=1)) == (first + 2) & 0xFFFFFFFF


def test_missing_packets_are_counted_from_the_first_one_sent(stream: RtpStream) -> None:
    numbers = send(stream, *[b"a"] * 5, now=10.0) + send(stream, *[b"b"] * 5, now=11.0)
    missing = stream.missing([numbers[2], numbers[7]])
    assert (list(missing.numbers), missing.packets_sent, missing.newest_sent_at) == ([2, 7], 10, 11.0)
    assert stream.missing([numbers[2]]).newest_sent_at == 10.0


def test_missing_packets_that_were_never_sent_have_no_time(stream: RtpStream) -> None:
    numbers = send(stream, b"a", b"b")
    assert stream.missing([(numbers[1] + 7) & 0xFFFF]).newest_sent_at is None
    assert stream.missing([]).newest_sent_at is None
