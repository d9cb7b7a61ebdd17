"""The RTP session with one viewer: access units and RTCP in, packets and requests to the stream out (RFC 3550)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sidecar.congestion.controller import CongestionController, Decision
from sidecar.congestion.reports import Arrival, ReceiverReport
from sidecar.contract.types import OutboundStats
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.policy import PeerPolicy
from sidecar.webrtc.rtp.extended_reports import ReferenceTime
from sidecar.webrtc.rtp.feedback import FeedbackReader
from sidecar.webrtc.rtp.history import History
from sidecar.webrtc.rtp.packetiser import SHARED, Packetiser
from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.rtcp_messages import ReportBlock
from sidecar.webrtc.rtp.rtp_stream import RtpStream
from sidecar.webrtc.rtp.sender import RtpSender
from sidecar.webrtc.rtp.sender_reports import SenderReports
from sidecar.webrtc.rtp.stream_requests import StreamRequests
from sidecar.webrtc.rtp.transport import RtpTransport, Schedule, on_the_loop


class RtpSession:
    """Connects the congestion controller with the sender, the RTCP reader and the stream's requests.

    `counters` are the stream's statistics, `controller` is public for its figures.
    """

    def __init__(
        self,
        parameters: SenderParameters,
        transport: RtpTransport,
        requests: StreamRequests,
        *,
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = on_the_loop,
        wall: Callable[[], float] = time.time,
        policy: PeerPolicy | None = None,
        packetiser: Packetiser = SHARED,
    ) -> None:
        """`clock` is monotonic; `wall` gives the seconds since 1970, the clock of the sender reports."""
        self.counters = OutboundStats()
        self.controller = CongestionController(clock(), parameters.playout_delay)
        history = History(self.controller.path, (policy or PeerPolicy()).history_seconds)
        stream = RtpStream(parameters, history, self.counters, wall)
        self.sender = RtpSender(
            stream, self.controller, transport, requests.request_keyframe, clock, schedule, packetiser
        )
        self._stream = stream
        self._reports = SenderReports(parameters, wall)
        self._reader = FeedbackReader(parameters.ssrc, self, requests, self.counters, clock)
        self._transport = transport
        self._requests = requests
        self._clock = clock

    # -- the viewer -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or continue after `disconnect`, with a keyframe, which is requested."""
        self.sender.start()

    def push(self, unit: AccessUnit) -> None:
        """Send an access unit (RtpSender.push)."""
        self.sender.push(unit)

    def receive(self, data: bytes) -> None:
        """Take a decrypted compound RTCP packet from the viewer."""
        self._reader.read(data)

    def send_report(self) -> None:
        """Send a sender report (RFC 3550, 6.4.1), once a frame was sent."""
        last = self.sender.frames.last_unit
        if last is not None:
            self._transport.send_rtcp(self._reports.report(self._stream, last, self._clock()))

    def disconnect(self) -> None:
        """Stop sending: the viewer is out of reach. It continues with a keyframe, maybe on another path."""
        self.controller.on_disconnected(self._clock())
        self.sender.stop()

    def close(self) -> None:
        """End the stream with a BYE packet (RFC 3550, 6.6)."""
        self.sender.stop()
        self._transport.send_rtcp(self._reports.goodbye())

    # -- the feedback reader's handler ------------------------------------------------------------------------------

    def on_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Take transport-wide feedback."""
        self._apply(self.controller.on_arrivals(arrivals, self._clock()))

    def on_report(self, report: ReportBlock) -> None:
        """Take a report block, and measure the round trip if it echoes a sender report."""
        now = self._clock()
        round_trip_time = None
        if report.last_report:
            round_trip_time = self._reports.round_trip_time(report.last_report, report.delay, now)
        typed = ReceiverReport(report.fraction / 256, report.highest, round_trip_time)
        self._apply(self.controller.on_receiver_report(typed, now))

    def on_missing(self, sequence_numbers: Sequence[int]) -> None:
        """Retransmit the packets that a NACK names, or start over, as the controller decides."""
        now = self._clock()
        decision = self.controller.on_missing_packets(self._stream.missing(sequence_numbers), now)
        self._apply(decision)
        budget = decision.retransmission_budget
        if budget is not None and not self.sender.retransmit(sequence_numbers, budget):
            self._apply(self.controller.on_budget_exceeded(now))

    def on_receiver_estimate(self, bitrate: int) -> None:
        """Take a REMB estimate, in bits per second."""
        self._apply(self.controller.on_receiver_estimate(bitrate, self._clock()))

    def on_reference_time(self, reference_time: ReferenceTime) -> None:
        """Answer a reference time at once (RFC 3611, 4.5)."""
        self._transport.send_rtcp(self._reports.answer(reference_time))

    def _apply(self, decision: Decision) -> None:
        # The capacity first: the encoder's next keyframe has the new bitrate then.
        if decision.target_bitrate is not None:
            self._requests.report_capacity(decision.target_bitrate)
        self.sender.apply(decision)

    # -- statistics -------------------------------------------------------------------------------------------------

    @property
    def first_frame_sent_at(self) -> float | None:
        """When the first frame was sent, by the session's clock; None before it."""
        return self.sender.frames.first_sent_at

    def stats(self) -> OutboundStats:
        """Return a snapshot of all counters and measurements but the candidate pair."""
        frames, controller = self.sender.frames, self.controller
        round_trip_time = controller.path.round_trip_time
        capacity = controller.link_capacity
        measured = {
            "round_trip_time_ms": None if round_trip_time is None else round_trip_time * 1000,
            "available_bitrate": controller.receiver_estimate or capacity,
            "link_bitrate": capacity,
            "encoded_to_sent_ms": frames.encoded_to_sent_ms(),
            "newest_frame": frames.newest_frame(),
        }
        return self.counters.model_copy(update=measured)
