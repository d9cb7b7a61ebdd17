"""RTCP that the sender sends: sender reports, answers to reference times, BYE (RFC 3550, RFC 3611)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from aiortc.rtp import RtcpByePacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket

from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.extended_reports import ReferenceTime, delay_report
from sidecar.webrtc.rtp.packets import CLOCK_RATE, SenderParameters, ntp_time
from sidecar.webrtc.rtp.rtp_stream import RtpStream

MAX_REPORTS: Final = 8
"""Reports that are remembered; a receiver report echoes one of the last."""


class SenderReports:
    """Writes reports, and measures the round-trip time when a receiver report echoes one of them."""

    def __init__(self, parameters: SenderParameters, wall: Callable[[], float]) -> None:
        """`wall` gives the seconds since 1970, the clock of the NTP time stamps."""
        self._parameters = parameters
        self._wall = wall
        self._sent: deque[tuple[int, float]] = deque(maxlen=MAX_REPORTS)  # the middle of the NTP time stamp, and when

    def report(self, stream: RtpStream, last: AccessUnit, now: float) -> bytes:
        """Return a sender report (RFC 3550, 6.4.1); `last` is the last access unit sent."""
        ntp = ntp_time(wall=self._wall)
        since_capture = round((now - last.captured_at) * CLOCK_RATE)
        info = RtcpSenderInfo(
            ntp_timestamp=ntp,
            rtp_timestamp=stream.timestamp(last.rtp_timestamp + since_capture),
            packet_count=stream.counters.packets_sent & 0xFFFFFFFF,
            octet_count=stream.counters.bytes_sent & 0xFFFFFFFF,
        )
        self._sent.append(((ntp >> 16) & 0xFFFFFFFF, now))
        source = RtcpSourceInfo(ssrc=self._parameters.ssrc, items=[(1, self._parameters.cname.encode())])
        report = RtcpSrPacket(ssrc=self._parameters.ssrc, sender_info=info)
        return bytes(report) + bytes(RtcpSdesPacket(chunks=[source]))

    def round_trip_time(self, last_report: int, delay: int, now: float) -> float | None:
        """Return the seconds of a round trip (RFC 3550, 6.4.1), None for an old or unknown report.

        `last_report` is LSR, `delay` is DLSR in units of 1/65536 s.
        """
        sent_at = next((at for middle, at in self._sent if middle == last_report), None)
        return None if sent_at is None else max(now - sent_at - delay / 65536, 0.0)

    def answer(self, reference_time: ReferenceTime) -> bytes:
        """Return the answer by which the viewer learns the round-trip time (RFC 3611, 4.5); it has to leave at once."""
        return delay_report(self._parameters.ssrc, reference_time)

    def goodbye(self) -> bytes:
        """Return a BYE packet: the stream ends (RFC 3550, 6.6)."""
        return bytes(RtcpByePacket(sources=[self._parameters.ssrc]))
