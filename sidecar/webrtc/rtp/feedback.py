"""Reads a viewer's RTCP (RFC 3550, 3611, 4585 and 5104, REMB, draft-holmer-rmcat-transport-wide-cc-extensions-01)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from math import inf
from typing import Final, Protocol

from sidecar.congestion.reports import Arrival
from sidecar.contract.types import OutboundStats
from sidecar.webrtc.rtp.extended_reports import ReferenceTime, reference_times
from sidecar.webrtc.rtp.packets import CLOCK_RATE
from sidecar.webrtc.rtp.rtcp import RtcpPart, rtcp_parts
from sidecar.webrtc.rtp.rtcp_messages import (
    ReportBlock,
    full_intra_request,
    is_picture_loss,
    lost_packets,
    receiver_estimate,
    report_blocks,
)
from sidecar.webrtc.rtp.stream_requests import StreamRequests
from sidecar.webrtc.rtp.transport_feedback import arrivals, is_transport_feedback, packets_named
from sidecar.webrtc.rtp.work_budget import WorkBudget

MAX_PARTS: Final = 32
"""Packets of one compound that are read; browsers put some five together."""

ANSWER_INTERVAL: Final = 0.05
"""Seconds between two answers to reference times at least; browsers send one a second."""


class FeedbackHandler(Protocol):
    """Takes the typed contents of RTCP packets."""

    def on_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Take transport-wide feedback."""

    def on_report(self, report: ReportBlock) -> None:
        """Take a report block about the stream."""

    def on_missing(self, sequence_numbers: Sequence[int]) -> None:
        """Take the sequence numbers of a generic NACK."""

    def on_receiver_estimate(self, bitrate: int) -> None:
        """Take a REMB estimate, in bits per second."""

    def on_reference_time(self, reference_time: ReferenceTime) -> None:
        """Take a receiver reference time, which is to be answered at once."""


class FeedbackReader:
    """Reads RTCP about one stream, within limits, hands it to a handler, and counts it in the stream's statistics."""

    def __init__(
        self,
        ssrc: int,
        handler: FeedbackHandler,
        requests: StreamRequests,
        counters: OutboundStats,
        clock: Callable[[], float],
    ) -> None:
        """Keyframe requests go straight to the subscription of `requests`. `clock` is monotonic."""
        self._ssrc = ssrc
        self._handler = handler
        self._requests = requests
        self._counters = counters
        self._clock = clock
        self._budget = WorkBudget(clock)
        self._last_request: int | None = None
        self._answered_at = -inf

    def read(self, data: bytes) -> None:
        """Read a decrypted compound RTCP packet. Unreadable and excessive parts are left out."""
        for part in islice(rtcp_parts(data), MAX_PARTS):
            if is_transport_feedback(part):
                if self._budget.take(packets_named(part)):
                    self._handler.on_arrivals(arrivals(part))
                continue
            for asked in islice(reference_times(part), 1):
                self._on_reference_time(asked)
            for report in report_blocks(part):
                if report.ssrc == self._ssrc:
                    self._on_report(report)
            lost = lost_packets(part, self._ssrc)
            if lost is not None and self._budget.take(len(lost)):
                self._counters.nack_count += 1
                self._handler.on_missing(lost)
            self._on_payload_feedback(part)

    def _on_reference_time(self, reference_time: ReferenceTime) -> None:
        now = self._clock()
        if now - self._answered_at >= ANSWER_INTERVAL:
            self._answered_at = now
            self._handler.on_reference_time(reference_time)

    def _on_report(self, report: ReportBlock) -> None:
        self._counters.packets_lost = report.packets_lost
        self._counters.fraction_lost = report.fraction / 256
        self._counters.jitter_ms = report.jitter / CLOCK_RATE * 1000
        self._handler.on_report(report)

    def _on_payload_feedback(self, part: RtcpPart) -> None:
        is_requested = is_picture_loss(part, self._ssrc)
        self._counters.pli_count += is_requested
        number = full_intra_request(part, self._ssrc)
        # The same number again is the same request, repeated in case it was lost (RFC 5104, 4.3.1.1).
        if number is not None and number != self._last_request:
            self._last_request = number
            self._counters.fir_count += 1
            is_requested = True
        subscription = self._requests.subscription
        if is_requested and subscription is not None:
            subscription.request_keyframe()
        bitrate = receiver_estimate(part, self._ssrc)
        if bitrate is not None:
            self._handler.on_receiver_estimate(bitrate)
