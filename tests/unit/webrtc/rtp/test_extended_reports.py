"""RTCP extended reports, as RFC 3611 writes them."""

from __future__ import annotations

import struct

from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket
from hypothesis import given
from hypothesis import strategies as st

from sidecar.webrtc.rtp.extended_reports import ReferenceTime, delay_report
from sidecar.webrtc.rtp.extended_reports import reference_times as reference_times_of
from sidecar.webrtc.rtp.rtcp import rtcp_parts

ASKED = ReferenceTime(ssrc=7, ntp_timestamp=0x1111222233334444)


def reference_times(data: bytes) -> list[ReferenceTime]:
    return [asked for part in rtcp_parts(data) for asked in reference_times_of(part)]


def extended_report(*blocks: bytes, ssrc: int = ASKED.ssrc) -> bytes:
    content = b"".join(blocks)
    return struct.pack("!BBHI", 0x80, 207, (8 + len(content)) // 4 - 1, ssrc) + content


REFERENCE_TIME = struct.pack("!BBHQ", 4, 0, 2, ASKED.ntp_timestamp)
STATISTICS = struct.pack("!BBH8x", 6, 0, 2)


def test_a_reference_time_is_found_in_a_compound_packet() -> None:
    report = RtcpReceiverInfo(1, 0, 0, 0, 0, 0, 0)
    compound = bytes(RtcpRrPacket(ssrc=ASKED.ssrc, reports=[report])) + extended_report(REFERENCE_TIME)
    assert reference_times(compound) == [ASKED]


def test_other_blocks_are_passed_over() -> None:
    assert reference_times(extended_report(STATISTICS, REFERENCE_TIME, STATISTICS)) == [ASKED]
    assert reference_times(extended_report(STATISTICS)) == []


def test_a_block_of_the_wrong_length_is_none() -> None:
    assert reference_times(extended_report(struct.pack("!BBHI", 4, 0, 1, 5))) == []
    assert reference_times(extended_report(struct.pack("!BBHQ", 4, 0, 9, 5))) == []


def test_an_answer_has_the_middle_of_the_reference_time_and_no_delay() -> None:
    assert delay_report(9, ASKED) == bytes.fromhex("80cf0005 00000009 05000003 00000007 22223333 00000000")


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    reference_times(data)


@given(st.binary(max_size=80), st.integers(0, 20))
def test_any_blocks_are_read_without_an_error(data: bytes, words: int) -> None:
    reference_times(struct.pack("!BBHI", 0x80, 207, words, 1) + data)
