"""RTP packets, their order, and receiver reports."""

from __future__ import annotations

import random
import struct

import pytest

from sidecar.cameras.rtsp.reordering import LONGEST_WAIT, MAX_WAITING, ReorderBuffer
from sidecar.cameras.rtsp.rtp import Reception, RtpPacket, parse_rtcp, parse_rtp


def packet(sequence: int, timestamp: int = 0) -> RtpPacket:
    return RtpPacket(96, False, sequence % 65536, timestamp, 1, b"x")


def test_a_packet_is_read_without_its_extension_and_padding() -> None:
    data = struct.pack("!BBHII", 0xB1, 0xE0, 7, 90_000, 5) + b"CSRC" + b"\xbe\xde\0\1exts" + b"payload" + b"\0\0\3"
    assert parse_rtp(data) == RtpPacket(96, True, 7, 90_000, 5, b"payload")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80" * 11, b"\x40" + bytes(20), b"\x8f" + bytes(20), b"\x90" + bytes(13), b"\xa0" + bytes(11) + b"\xff"],
)
def test_bytes_that_are_not_a_packet_are_dropped(data: bytes) -> None:
    assert parse_rtp(data) is None


def test_packets_in_order_are_delivered_at_once() -> None:
    order = ReorderBuffer()
    for sequence in range(65_530, 65_550):
        assert order.push(packet(sequence), 0.0) == [packet(sequence)]
        assert order.deadline() is None


def test_packets_in_another_order_are_put_in_order_and_doubles_dropped() -> None:
    order = ReorderBuffer()
    given = [each for sequence in (10, 12, 11, 11, 10, 15, 14, 13, 16) for each in order.push(packet(sequence), 0.0)]
    assert [each.sequence for each in given] == [10, 11, 12, 13, 14, 15, 16]


def test_a_missing_packet_is_waited_for_shortly_and_then_given_up() -> None:
    order = ReorderBuffer()
    order.push(packet(1), 0.0)
    assert order.push(packet(3), 0.0) == []
    assert order.expired(LONGEST_WAIT / 2) == []
    assert order.deadline() == LONGEST_WAIT
    assert order.expired(LONGEST_WAIT) == [packet(3)]
    assert order.push(packet(2), LONGEST_WAIT) == []


def test_no_more_than_so_many_packets_wait() -> None:
    order = ReorderBuffer()
    order.push(packet(1), 0.0)
    given = [each for sequence in range(3, 3 + MAX_WAITING) for each in order.push(packet(sequence), 0.0)]
    assert [each.sequence for each in given] == list(range(3, 3 + MAX_WAITING))


def test_a_sender_that_begins_anew_is_followed() -> None:
    order = ReorderBuffer()
    order.push(packet(1), 0.0)
    order.push(packet(3), 0.0)
    assert [each.sequence for each in order.push(packet(30_000), 0.0)] == [3, 30_000]
    assert order.push(packet(30_001), 0.0) == [packet(30_001)]


def test_a_receiver_report_counts_the_missing_packets() -> None:
    reception = Reception(ssrc=5, own_ssrc=9, clock_rate=90_000)
    for sequence in (65_534, 65_535, 0, 3):
        reception.received(packet(sequence, sequence * 3000), 1.0)
    reception.reported(0x01020304, 2.0)
    report = reception.report(2.5)
    kind, words, own, ssrc, loss, highest, _, last, delay = struct.unpack_from("!xBHIIIIIII", report)
    assert (kind, words, own, ssrc) == (201, 7, 9, 5)
    assert (loss >> 24, loss & 0xFFFFFF) == (256 * 2 // 6, 2)
    assert (highest, last, delay) == (65_536 + 3, 0x01020304, 32_768)
    assert len(report) % 4 == 0
    assert report[33] == 202
    assert 32 + 4 + 4 * int.from_bytes(report[34:36]) == len(report)


def test_a_sender_report_and_a_goodbye_are_read() -> None:
    sender_report = struct.pack("!BBHI", 0x80, 200, 6, 5) + bytes.fromhex("0000aaaabbbb0000") + bytes(12)
    goodbye = struct.pack("!BBHI", 0x81, 203, 1, 5)
    news = parse_rtcp(sender_report + goodbye, 5)
    assert (news.report_time, news.has_left) == (0xAAAABBBB, True)
    assert not parse_rtcp(goodbye, 6).has_left


def test_random_bytes_raise_no_error() -> None:
    source = random.Random(4)
    for _ in range(5000):
        data = bytes((source.choice((0x80, 0x81, 0x90, 0xBF)),)) + source.randbytes(source.randint(0, 80))
        parse_rtp(data)
        parse_rtcp(data, 1)
