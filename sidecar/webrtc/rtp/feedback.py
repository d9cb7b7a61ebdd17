"""What a viewer tells: losses, wishes for a keyframe, arrivals, estimates and reports.

RFC 3550, 3611, 4585 and 5104, REMB, and draft-holmer-rmcat-transport-wide-cc-extensions-01.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

from sidecar.webrtc.rtp.bandwidth import MIN_BITRATE, BandwidthEstimator
from sidecar.webrtc.rtp.collapse import CollapseDetector
from sidecar.webrtc.rtp.delivery import Delivery
from sidecar.webrtc.rtp.extended_reports import reference_times
from sidecar.webrtc.rtp.rtcp import rtcp_parts
from sidecar.webrtc.rtp.sender import CLOCK_RATE, RtpSender
from sidecar.webrtc.rtp.transport_feedback import Arrival, arrivals, is_transport_feedback

_FIR_ENTRY: Final = struct.Struct("!IB3x")


MIN_PACKETS: Final = 20
"""Reports about fewer are added up: of five packets one is a fifth, and no heavy loss (gcc, 6; libwebrtc)."""


COLLAPSE_QUEUE: Final = 0.1
"""Seconds that the news of a loss takes longer than a round trip at the least when a network has collapsed."""


class _ReportedLoss:
    """The loss of enough packets to mean something."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._packets = 0
        self._lost = 0.0

    def add(self, highest: int, fraction: float) -> float | None:
        """Take in a report: the extended highest sequence number received, and the loss since the last (0 to 1)."""
        before, self._highest = self._highest, highest
        if before is None:
            return None
        packets = (highest - before) & 0xFFFFFFFF
        self._packets += packets
        self._lost += fraction * packets
        if self._packets < MIN_PACKETS:
            return None
        loss = self._lost / self._packets
        self._packets, self._lost = 0, 0.0
        return loss


def _parse(data: bytes) -> list[AnyRtcpPacket]:
    try:
        return RtcpPacket.parse(data)
    except (ValueError, struct.error):
        return []


class Feedback:
    """Reads one viewer's RTCP and passes it on to its sender and its estimator.

    `has_collapsed` says that the estimate fell because most packets are lost; whoever has passed the estimate on calls
    `start_over`.
    """

    def __init__(
        self, ssrc: int, sender: RtpSender, estimator: BandwidthEstimator, on_keyframe_needed: Callable[[str], None]
    ) -> None:
        self.nack_count = 0
        self.pli_count = 0
        self.fir_count = 0
        self.packets_lost = 0
        self.fraction_lost = 0.0
        self.jitter: float | None = None
        self.has_collapsed = False
        self._collapse = CollapseDetector()
        self._drain: float | None = None
        self._loss = _ReportedLoss()
        self._ssrc = ssrc
        self._sender = sender
        self._estimator = estimator
        self._on_keyframe_needed = on_keyframe_needed
        self._fir_number: int | None = None

    def receive(self, data: bytes) -> None:
        """Take a decrypted compound RTCP packet. What cannot be read is left out."""
        for part in rtcp_parts(data):
            if is_transport_feedback(part):
                self._on_arrivals(arrivals(part))
                continue
            for asked in reference_times(part):
                self._sender.answer_reference_time(asked)
            for packet in _parse(part.whole):
                self._on_packet(packet)

    def _on_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            self._on_reports(packet)
        elif isinstance(packet, RtcpRtpfbPacket):
            self._on_generic_nack(packet)
        elif isinstance(packet, RtcpPsfbPacket):
            self._on_payload_feedback(packet)

    def interrupt(self) -> None:
        """The viewer is out of reach: what is lost of now says nothing about the way on which it comes back."""
        self.has_collapsed = False
        self._loss = _ReportedLoss()
        self._collapse = CollapseDetector()
        self._estimator.interrupt()
        self._sender.interrupt()

    def start_over(self) -> None:
        """Give up what was lost, and go on with a keyframe at the new bitrate."""
        self.has_collapsed = False
        sender = self._sender
        drain = self._drain if self._drain is not None else sender.queue_before(self._collapse.newest)
        self._drain = None
        self._collapse.start_from(sender.packets_sent)
        sender.start_over(drain)

    def _on_arrivals(self, told: Sequence[Arrival]) -> None:
        sender, estimator = self._sender, self._estimator
        delivery = sender.delivery.on_arrivals(told)
        if delivery is None:
            return
        sender.on_queue_told(delivery.newest_queue)
        self.has_collapsed |= estimator.on_delivery(delivery, sender.bitrate.rate())
        if self.has_collapsed:
            self._drain = self._drain_seconds(delivery)
        elif sender.is_draining:
            sender.drain_for(self._drain_seconds(delivery))
        if estimator.is_way_longer:
            sender.delivery.forget_path()
            estimator.interrupt()

    def _drain_seconds(self, delivery: Delivery) -> float:
        """How long what is on its way needs to arrive."""
        on_its_way = self._sender.delivery.in_flight * (1 - delivery.loss)
        return (
            8 * on_its_way / max(delivery.rate or self._estimator.carries or self._sender.bitrate.rate(), MIN_BITRATE)
        )

    def _on_reports(self, packet: RtcpRrPacket | RtcpSrPacket) -> None:
        for report in packet.reports:
            if report.ssrc != self._ssrc:
                continue
            self.packets_lost = report.packets_lost
            self.fraction_lost = report.fraction_lost / 256
            self.jitter = report.jitter / CLOCK_RATE
            sent = self._sender.bitrate.rate()
            if report.lsr and (round_trip_time := self._sender.on_report_echoed(report.lsr, report.dlsr)) is not None:
                self._estimator.on_round_trip_time(round_trip_time, sent)
            loss = self._loss.add(report.highest_sequence, self.fraction_lost)
            if loss is not None:
                self._estimator.on_loss(loss, sent)
                self._sender.on_loss_reported(0.0 if self._estimator.is_congested else loss)

    def _on_generic_nack(self, packet: RtcpRtpfbPacket) -> None:
        if packet.fmt == RTCP_RTPFB_NACK and packet.media_ssrc == self._ssrc:
            self.nack_count += 1
            sender, collapse = self._sender, self._collapse
            share = (
                None if self._estimator.knows_arrivals else collapse.on_missing(map(sender.packet_number, packet.lost))
            )
            # Packets that only overtake each other are missed for a moment, too, but no queue grows.
            if share is None or sender.is_settling or sender.queue_before(collapse.newest) < COLLAPSE_QUEUE:
                if not sender.retransmit(packet.lost) and not sender.is_settling:
                    sender.start_over(0.0)
            elif not self.has_collapsed:
                self.has_collapsed = True
                self._estimator.on_collapse(share, sender.bitrate.rate())

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
