"""A sender of RTP on a wire and a clock of the test's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpSrPacket,
    RtpPacket,
)

from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.sender import RtpSender
from sidecar.webrtc.sdp import ABS_SEND_TIME_URI, MID_URI, CodecParameters, ExtensionIds
from tests.support.access_units import unit_of_payloads

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
    """An RtpTransport that keeps the packets."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.is_full = False
        self.is_local = False

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        if not self.is_full:
            self.rtp += packets
        return not self.is_full

    def send_rtcp(self, packet: bytes) -> None:
        self.rtcp.append(packet)

    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data, EXTENSIONS) for data in self.rtp]


class Timer:
    """A timer of the bench's clock."""

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Bench:
    def __init__(self, parameters: SenderParameters = PARAMETERS, epoch: float | None = None) -> None:
        """`epoch`: seconds since 1970 at the bench's time 0; None: the wall clock is the machine's."""
        self.now = 1000.0
        self.epoch = epoch
        self.timers: list[Timer] = []
        self.wire = Wire()
        self.reasons: list[str] = []
        self.sender = RtpSender(
            parameters, self.wire, self.reasons.append, clock=lambda: self.now, schedule=self.schedule, wall=self.wall
        )
        self.sender.start()

    def wall(self) -> float:
        return time.time() if self.epoch is None else self.epoch + self.now

    def schedule(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def turn(self, seconds: float) -> None:
        """Let time pass, and the timers go off."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if not timer.is_cancelled and timer.due <= end]:
            timer = min(due, key=lambda timer: timer.due)
            self.timers.remove(timer)
            self.now = max(self.now, timer.due)
            timer.call()
        self.now = end

    def connected(self, round_trip_time: float = 0.02) -> None:
        """The stream is a while old, and a round trip is known."""
        self.sender.push(self.unit(b"first"))
        self.sender.send_report()
        report, _ = RtcpPacket.parse(self.wire.rtcp[-1])
        assert isinstance(report, RtcpSrPacket)
        self.turn(round_trip_time)
        self.sender.on_report_echoed(report.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF, 0)
        self.turn(2)

    def unit(self, *payloads: bytes, keyframe: bool = True) -> AccessUnit:
        return unit_of_payloads(*payloads, keyframe=keyframe, at=self.now)
