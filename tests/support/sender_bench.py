"""An RTP session on a recording transport and a clock that the test moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
)

from sidecar.contract.types import OutboundStats
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.rtp_session import RtpSession
from sidecar.webrtc.sdp import ABS_SEND_TIME_URI, MID_URI, CodecParameters, ExtensionIds
from tests.support.access_units import unit_of_payloads
from tests.support.peers import RecordingSubscription

VIEWER_SSRC = 7

UNPACED = 50_000_000_000
"""A target bitrate at which every frame leaves at once."""

PARAMETERS = SenderParameters(
    ssrc=0x01020304,
    rtx_ssrc=0x05060708,
    cname="camera",
    mid="0",
    codec=CodecParameters(),
    extensions=ExtensionIds(),
    playout_delay=(0, 0),
)

EXTENSIONS = HeaderExtensionsMap()
EXTENSIONS.configure(
    RTCRtpParameters(
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(id=1, uri=MID_URI),
            RTCRtpHeaderExtensionParameters(id=2, uri=ABS_SEND_TIME_URI),
        ]
    )
)


class Wire:
    """An RtpTransport that records packets, and when they were sent by `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rtp: list[bytes] = []
        self.sent_at: list[float] = []
        self._clock = clock
        self.rtcp: list[bytes] = []
        self.is_full = False
        self.is_local = False

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        if not self.is_full:
            self.rtp += packets
            self.sent_at += [self._clock()] * (len(self.rtp) - len(self.sent_at))
        return not self.is_full

    def send_rtcp(self, packet: bytes) -> None:
        self.rtcp.append(packet)

    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data, EXTENSIONS) for data in self.rtp]

    def retransmissions(self) -> list[RtpPacket]:
        return [packet for packet in self.packets() if packet.ssrc == PARAMETERS.rtx_ssrc]


class Timer:
    """A timer of the bench's clock."""

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Bench:
    """The stream's side of the session: it records keyframe requests, by their reasons, and reported capacities."""

    def __init__(self, parameters: SenderParameters = PARAMETERS, epoch: float | None = None) -> None:
        """`epoch`: seconds since 1970 at the bench's time 0; None: the wall clock is the machine's."""
        self.now = 1000.0
        self.epoch = epoch
        self.timers: list[Timer] = []
        self.wire = Wire(lambda: self.now)
        self.reasons: list[str] = []
        self.capacities: list[int] = []
        self.subscription = RecordingSubscription(lambda: self.reasons.append("the viewer's request"))
        self.target_bitrate = UNPACED
        self.session = RtpSession(
            parameters, self.wire, self, clock=lambda: self.now, schedule=self.schedule, wall=self.wall
        )
        self.session.start()

    @property
    def counters(self) -> OutboundStats:
        return self.session.counters

    def request_keyframe(self, reason: str) -> None:
        self.reasons.append(reason)

    def report_capacity(self, bps: int) -> None:
        self.capacities.append(bps)

    def wall(self) -> float:
        return time.time() if self.epoch is None else self.epoch + self.now

    def schedule(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def turn(self, seconds: float) -> None:
        """Let time pass; due timers fire."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if not timer.is_cancelled and timer.due <= end]:
            timer = min(due, key=lambda timer: timer.due)
            self.timers.remove(timer)
            self.now = max(self.now, timer.due)
            timer.call()
        self.now = end

    def push(self, *payloads: bytes, keyframe: bool = True) -> None:
        """Push an access unit that is cut into these payloads."""
        self.session.push(self.unit(*payloads, keyframe=keyframe))

    def connected(self, round_trip_time: float = 0.02) -> None:
        """Give the stream a past of some seconds, and a round trip."""
        self.push(b"first")
        self.session.send_report()
        self.turn(round_trip_time)
        self.echo_report()
        self.turn(2)

    def sender_report(self) -> RtcpSrPacket:
        """Return the last sender report."""
        report, *_ = RtcpPacket.parse(self.wire.rtcp[-1])
        assert isinstance(report, RtcpSrPacket)
        return report

    def echo_report(self, delay: float = 0.0) -> None:
        """Let the viewer report, and echo the last sender report, which it received `delay` seconds ago."""
        last_report = self.sender_report().sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
        self.report(last_report=last_report, delay=int(delay * 65536))

    def report(self, highest: int = 0, fraction_lost: float = 0.0, *, last_report: int = 0, delay: int = 0) -> None:
        """Let the viewer send a receiver report; `last_report` is LSR, `delay` DLSR."""
        info = RtcpReceiverInfo(PARAMETERS.ssrc, round(256 * fraction_lost), 0, highest, 0, last_report, delay)
        self.session.receive(bytes(RtcpRrPacket(ssrc=VIEWER_SSRC, reports=[info])))

    def miss(self, sequence_numbers: Iterable[int]) -> None:
        """Let the viewer report missing packets."""
        lost = sorted({number & 0xFFFF for number in sequence_numbers})
        self.session.receive(nack(lost))

    def unit(self, *payloads: bytes, keyframe: bool = True) -> AccessUnit:
        return unit_of_payloads(*payloads, keyframe=keyframe, at=self.now, target_bitrate=self.target_bitrate)


def nack(sequence_numbers: Sequence[int]) -> bytes:
    """Return a generic NACK (RFC 4585, 6.2.1)."""
    fci = RtcpRtpfbPacket(
        fmt=RTCP_RTPFB_NACK, ssrc=VIEWER_SSRC, media_ssrc=PARAMETERS.ssrc, lost=list(sequence_numbers)
    )
    return bytes(fci)
