"""What a viewer tells: losses, wishes for a keyframe, estimates and reports (RFC 3550, 3611, 4585, 5104, REMB)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from sidecar.webrtc.bandwidth import BandwidthEstimator
from sidecar.webrtc.extended_reports import reference_times
from sidecar.webrtc.sender import CLOCK_RATE, RtpSender

_FIR_ENTRY: Final = struct.Struct("!IB3x")


class Feedback:
    """Reads one viewer's RTCP and passes it on to its sender and its estimator."""

    def __init__(
        self, ssrc: int, sender: RtpSender, estimator: BandwidthEstimator, on_keyframe_needed: Callable[[str], None]
    ) -> None:
        self.nack_count = 0
        self.pli_count = 0
        self.fir_count = 0
        self.packets_lost = 0
        self.fraction_lost = 0.0
        self.jitter: float | None = None
        self._ssrc = ssrc
        self._sender = sender
        self._estimator = estimator
        self._on_keyframe_needed = on_keyframe_needed
        self._fir_number: int | None = None

    def receive(self, data: bytes) -> None:
        """Take a decrypted RTCP packet. What cannot be read is left out."""
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, struct.error):
            return
        for asked in reference_times(data):
            self._sender.answer_reference_time(asked)
        for packet in packets:
            if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
                self._on_reports(packet)
            elif isinstance(packet, RtcpRtpfbPacket):
                self._on_transport_feedback(packet)
            elif isinstance(packet, RtcpPsfbPacket):
                self._on_payload_feedback(packet)

    def _on_reports(self, packet: RtcpRrPacket | RtcpSrPacket) -> None:
        for report in packet.reports:
            if report.ssrc != self._ssrc:
                continue
            self.packets_lost = report.packets_lost
            self.fraction_lost = report.fraction_lost / 256
            self.jitter = report.jitter / CLOCK_RATE
            if report.lsr:
                self._sender.on_report_echoed(report.lsr, report.dlsr)
            self._estimator.on_loss(self.fraction_lost, self._sender.bitrate.rate())

    def _on_transport_feedback(self, packet: RtcpRtpfbPacket) -> None:
        if packet.fmt == RTCP_RTPFB_NACK and packet.media_ssrc == self._ssrc:
            self.nack_count += 1
            self._sender.retransmit(packet.lost)

    def _on_payload_feedback(self, packet: RtcpPsfbPacket) -> None:
        if packet.fmt == RTCP_PSFB_PLI and packet.media_ssrc == self._ssrc:
            self.pli_count += 1
            self._on_keyframe_needed("picture loss indication")
        elif packet.fmt == RTCP_PSFB_FIR:
            self._on_full_intra_request(packet.fci)
        elif packet.fmt == RTCP_PSFB_APP:
            self._on_receiver_estimate(packet.fci)

    def _on_full_intra_request(self, entries: bytes) -> None:
        # The stream is named in the entry; media_ssrc is 0 (RFC 5104, 4.3.1.2).
        for ssrc, number in _FIR_ENTRY.iter_unpack(entries[: len(entries) // _FIR_ENTRY.size * _FIR_ENTRY.size]):
            # The same number again is the same request, sent again in case it was lost (RFC 5104, 4.3.1.1).
            if ssrc == self._ssrc and number != self._fir_number:
                self._fir_number = number
                self.fir_count += 1
                self._on_keyframe_needed("full intra request")

    def _on_receiver_estimate(self, entries: bytes) -> None:
        try:
            bitrate, ssrcs = unpack_remb_fci(entries)
        except (ValueError, struct.error):
            return
        if self._ssrc in ssrcs:
            self._estimator.on_receiver_estimate(bitrate, self._sender.bitrate.rate())
