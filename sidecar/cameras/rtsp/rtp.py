"""RTP packets and receiver reports (RFC 3550)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SEQUENCE_MODULUS: Final = 1 << 16
_HEADER = struct.Struct("!BBHII")
_SENDER_REPORT, _RECEIVER_REPORT, _SOURCE_DESCRIPTION, _GOODBYE = 200, 201, 202, 203
_MAX_REPORTS: Final = 32
"""The number of RTCP packets that are read of one compound packet."""


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """An RTP packet: the fields of its header, and its payload without extension and padding."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes) -> RtpPacket | None:
    """Return the packet (RFC 3550, section 5.1), or None when the bytes are not an RTP packet."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        return None
    start, end = _HEADER.size + 4 * (first & 15), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20:
        end -= data[-1]
    if start > end:
        return None
    return RtpPacket(second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, data[start:end])


def sequence_distance(later: int, earlier: int) -> int:
    """Return the distance of two sequence numbers, from -32768 to 32767."""
    return (later - earlier + 0x8000) % SEQUENCE_MODULUS - 0x8000


@dataclass(frozen=True, slots=True)
class RtcpContent:
    """The content of a compound RTCP packet.

    `report_time` is the middle 32 bits of a sender report's NTP time stamp; `has_left` is true after a BYE.
    """

    report_time: int | None
    has_left: bool


def parse_rtcp(data: bytes, ssrc: int | None) -> RtcpContent:
    """Return the content from `ssrc` in a compound packet (RFC 3550, section 6). Damaged packets are ignored."""
    report_time, has_left, at = None, False, 0
    for _ in range(_MAX_REPORTS):
        if len(data) < at + 8 or data[at] >> 6 != 2:
            break
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4])
        if end > len(data):
            break
        if data[at + 1] == _SENDER_REPORT and end - at >= 28:
            report_time = int.from_bytes(data[at + 10 : at + 14])
        elif data[at + 1] == _GOODBYE:
            left = {int.from_bytes(data[place : place + 4]) for place in range(at + 4, end, 4)[: data[at] & 31]}
            has_left = has_left or ssrc in left
        at = end
    return RtcpContent(report_time, has_left)


class Reception:
    """The statistics of one sender's packets, and the receiver reports from them (RFC 3550, A.3 and A.8).

    Times are in seconds of any one clock.
    """

    def __init__(self, ssrc: int, own_ssrc: int, clock_rate: int) -> None:
        self._ssrc = ssrc
        self._own_ssrc = own_ssrc
        self._clock_rate = clock_rate
        self._first: int | None = None
        self._highest = 0
        self._received = 0
        self._before = (0, 0)  # expected and received at the last report
        self._jitter = 0.0
        self._transit: int | None = None
        self._report: tuple[int, float] | None = None

    def received(self, packet: RtpPacket, now: float) -> None:
        """Count a packet."""
        if self._first is None:
            self._first = self._highest = packet.sequence
        ahead = sequence_distance(packet.sequence, self._highest % SEQUENCE_MODULUS)
        self._highest = max(self._highest, self._highest + ahead)
        self._received += 1
        transit = (int(now * self._clock_rate) - packet.timestamp) % (1 << 32)
        if self._transit is not None:
            change = abs((transit - self._transit + (1 << 31)) % (1 << 32) - (1 << 31))
            self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def reported(self, report_time: int, now: float) -> None:
        """Record the time of a sender report."""
        self._report = report_time, now

    def report(self, now: float) -> bytes:
        """Return a compound packet: a receiver report, and the mandatory source description."""
        expected = 0 if self._first is None else self._highest - self._first + 1
        new_expected, new_received = expected - self._before[0], self._received - self._before[1]
        self._before = expected, self._received
        missing = new_expected - new_received
        fraction = min(255, 256 * missing // new_expected) if new_expected > 0 and missing > 0 else 0
        lost = max(-(1 << 23), min((1 << 23) - 1, expected - self._received)) & 0xFFFFFF
        last, delay = (0, 0) if self._report is None else (self._report[0], int((now - self._report[1]) * 65536))
        block = struct.pack(
            "!IIIIII",
            self._ssrc,
            fraction << 24 | lost,
            self._highest & 0xFFFFFFFF,
            min(int(self._jitter), 0xFFFFFFFF),
            last,
            min(delay, 0xFFFFFFFF),
        )
        return struct.pack("!BBHI", 0x81, _RECEIVER_REPORT, 7, self._own_ssrc) + block + self._description()

    def _description(self) -> bytes:
        """Return a source description whose CNAME does not identify this machine (RFC 7022)."""
        item = b"\x01\x08" + f"{self._own_ssrc:08x}".encode()
        return struct.pack("!BBHI", 0x81, _SOURCE_DESCRIPTION, 4, self._own_ssrc) + item + bytes(2)


def empty_packet(ssrc: int) -> bytes:
    """Return an RTP packet without a payload, which opens a path through NAT to the camera's port."""
    return _HEADER.pack(0x80, 0, 0, 0, ssrc)


def empty_report(ssrc: int) -> bytes:
    """Return a receiver report without report blocks, which opens a path through NAT to the camera's RTCP port."""
    return struct.pack("!BBHI", 0x80, _RECEIVER_REPORT, 1, ssrc)
