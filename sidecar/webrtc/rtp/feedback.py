"""What a viewer tells: losses, wishes for a keyframe, arrivals, estimates and reports.

RFC 3550, 3611, 4585 and 5104, REMB, and draft-holmer-rmcat-transport-wide-cc-extensions-01.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from math import inf
from typing import Final

from sidecar.webrtc.rtp.bandwidth import MAX_BITRATE, MIN_BITRATE, BandwidthEstimator
from sidecar.webrtc.rtp.collapse import CollapseDetector
from sidecar.webrtc.rtp.delivery import Delivery
from sidecar.webrtc.rtp.extended_reports import ReferenceTime, reference_times
from sidecar.webrtc.rtp.reports import (
    ReportBlock,
    full_intra_request,
    is_picture_loss,
    lost_packets,
    receiver_estimate,
    report_blocks,
)
from sidecar.webrtc.rtp.rtcp import RtcpPart, rtcp_parts
from sidecar.webrtc.rtp.sender import CLOCK_RATE, RtpSender
from sidecar.webrtc.rtp.transport_feedback import Arrival, arrivals, is_transport_feedback, packets_named
from sidecar.webrtc.rtp.work_budget import WorkBudget

MAX_PARTS: Final = 32
"""Packets of one compound that are read; browsers put some five together."""

ANSWER_INTERVAL: Final = 0.05
"""Seconds between two answers to reference times at the least; browsers send one a second."""

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


class Feedback:
    """Reads one viewer's RTCP and passes it on to its sender and its estimator.

    `has_collapsed` says that the estimate fell because most packets are lost; whoever has passed the estimate on calls
    `start_over`.
    """

    def __init__(
        self,
        ssrc: int,
        sender: RtpSender,
        estimator: BandwidthEstimator,
        on_keyframe_needed: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
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
        self._clock = clock
        self._answered_at = -inf
        self._budget = WorkBudget(clock)

    def receive(self, data: bytes) -> None:
        """Take a decrypted compound RTCP packet. What cannot be read is left out, and what is beyond the limits."""
        for part in islice(rtcp_parts(data), MAX_PARTS):
            if is_transport_feedback(part):
                if self._budget.take(packets_named(part)):
                    self._on_arrivals(arrivals(part))
                continue
            for asked in islice(reference_times(part), 1):
                self._on_reference_time(asked)
            for report in report_blocks(part):
                if report.ssrc == self._ssrc:
                    self._on_report(report)
            lost = lost_packets(part, self._ssrc)
            if lost is not None and self._budget.take(len(lost)):
                self._on_lost(lost)
            self._on_payload_feedback(part)

    def _on_reference_time(self, asked: ReferenceTime) -> None:
        now = self._clock()
        if now - self._answered_at >= ANSWER_INTERVAL:
            self._answered_at = now
            self._sender.answer_reference_time(asked)

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

    def _on_report(self, report: ReportBlock) -> None:
        self.packets_lost = report.packets_lost
        self.fraction_lost = report.fraction / 256
        self.jitter = report.jitter / CLOCK_RATE
        sent = self._sender.bitrate.rate()
        if report.last_report:
            round_trip_time = self._sender.on_report_echoed(report.last_report, report.delay)
            if round_trip_time is not None:
                self._estimator.on_round_trip_time(round_trip_time, sent)
        loss = self._loss.add(report.highest, self.fraction_lost)
        if loss is not None:
            self._estimator.on_loss(loss, sent)
            self._sender.on_loss_reported(0.0 if self._estimator.is_congested else loss)

    def _on_lost(self, lost: Sequence[int]) -> None:
        self.nack_count += 1
        sender, collapse = self._sender, self._collapse
        share = None if self._estimator.knows_arrivals else collapse.on_missing(map(sender.packet_number, lost))
        # Packets that only overtake each other are missed for a moment, too, but no queue grows.
        if share is None or sender.is_settling or sender.queue_before(collapse.newest) < COLLAPSE_QUEUE:
            if not sender.retransmit(lost) and not sender.is_settling:
                sender.start_over(0.0)
        elif not self.has_collapsed:
            self.has_collapsed = True
            self._estimator.on_collapse(share, sender.bitrate.rate())

    def _on_payload_feedback(self, part: RtcpPart) -> None:
        if is_picture_loss(part, self._ssrc):
            self.pli_count += 1
            self._on_keyframe_needed("picture loss indication")
        number = full_intra_request(part, self._ssrc)
        # The same number again is the same request, sent again in case it was lost (RFC 5104, 4.3.1.1).
        if number is not None and number != self._fir_number:
            self._fir_number = number
            self.fir_count += 1
            self._on_keyframe_needed("full intra request")
        bitrate = receiver_estimate(part, self._ssrc)
        if bitrate is not None:
            self._estimator.on_receiver_estimate(min(bitrate, MAX_BITRATE), self._sender.bitrate.rate())
