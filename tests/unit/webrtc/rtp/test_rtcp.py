"""The parts of a compound RTCP packet, as RFC 3550 puts them together."""

from __future__ import annotations

import struct

from aiortc.rtp import RtcpByePacket, RtcpReceiverInfo, RtcpRrPacket
from hypothesis import given
from hypothesis import strategies as st

from sidecar.webrtc.rtp.rtcp import rtcp_parts

REPORT = bytes(RtcpRrPacket(ssrc=7, reports=[RtcpReceiverInfo(1, 0, 0, 0, 0, 0, 0)]))
BYE = bytes(RtcpByePacket(sources=[7]))


def test_each_packet_of_a_compound_is_a_part() -> None:
    report, bye = rtcp_parts(REPORT + BYE)
    assert (report.kind, report.fmt, report.body) == (201, 1, REPORT[4:])
    assert (bye.kind, bye.body) == (203, BYE[4:])


def test_padding_belongs_to_the_packet_but_not_to_its_body() -> None:
    padded = struct.pack("!BBH", 0x80 | 0x20 | 15, 205, 2) + b"abcdef" + b"\x00\x02"
    (part,) = rtcp_parts(padded)
    assert (part.fmt, part.body) == (15, b"abcdef")


def test_what_is_cut_off_is_left_out() -> None:
    assert [part.kind for part in rtcp_parts(REPORT + BYE[:-1])] == [201]


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    list(rtcp_parts(data))
