"""The one owner of congestion control for a viewer: sent packets and feedback in, decisions out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sidecar.congestion.bandwidth import BandwidthEstimator
from sidecar.congestion.collapse import CollapseDetector
from sidecar.congestion.delivery import Delivery, DeliveryMeter
from sidecar.congestion.loss_based import ReportedLoss
from sidecar.congestion.pacer import PACING_FACTOR
from sidecar.congestion.playout import PlayoutDelay
from sidecar.congestion.reports import Arrival, MissingPackets, ReceiverReport
from sidecar.congestion.round_trips import PathDelays
from sidecar.contract.limits import MAX_BITRATE, MIN_BITRATE
from sidecar.media.sliding_rate import SlidingRate

NOTICEABLE: Final = 0.02
"""The relative change of the estimate from which on it is reported to the encoder."""

MAX_DRAIN: Final = 0.3
"""Seconds at most in which the network's queue may drain before the keyframe that follows a collapse."""

KEYFRAME_LEAD: Final = 0.04
"""Seconds from the request for a keyframe to its first packet: the next frame has to be captured and encoded."""

SETTLE_SECONDS: Final = 1.0

COLLAPSE_DELAY: Final = 0.1
"""Seconds that feedback about a lost packet takes longer than a round trip at least in a collapse."""

RETRANSMISSION_SHARE: Final = 0.5
"""The part of the target bitrate that retransmissions may take over a second: more would displace new packets, and be
lost in its turn."""


class Decision(NamedTuple):
    """Instructions for the sender after feedback; a default value leaves the sender as it is.

    `target_bitrate`: report this link capacity, in bits per second, to the encoder. `playout_delay`: announce this
    delay, (minimum, maximum) in milliseconds. `keyframe`: discard the send queue and the retransmission history, and
    continue with a keyframe. `drain_until`: send no new frames before this time, in seconds, and request the keyframe
    then. `retransmission_budget`: retransmit the missing packets if they have at most this number of bits.
    """

    target_bitrate: int | None = None
    playout_delay: tuple[int, int] | None = None
    keyframe: bool = False
    drain_until: float | None = None
    retransmission_budget: float | None = None


class CongestionController:
    """Decides about one viewer's bitrate, pacing, retransmissions and draining.

    It has no clock: `now` is always the time in seconds on one monotonic clock of the caller. `path` has the path's
    delays, `drain_until` is the time before which no new frame is sent.
    """

    def __init__(self, now: float, playout_delay: tuple[int, int] | None = None) -> None:
        """`playout_delay` fixes (minimum, maximum) in milliseconds; None: it follows the loss."""
        self.path = PathDelays()
        self.drain_until = now
        self._bandwidth = BandwidthEstimator(now)
        self._delivery = DeliveryMeter()
        self._collapse = CollapseDetector()
        self._loss = ReportedLoss()
        self._playout = PlayoutDelay(playout_delay)
        self._sent = SlidingRate()
        self._retransmitted = SlidingRate()
        self._reported: int | None = None
        self._started_at: float | None = None

    # -- state ------------------------------------------------------------------------------------------------------

    @property
    def encoder_target(self) -> int | None:
        """The target bitrate of the viewer's encoder, in bits per second; None: unknown."""
        return self._bandwidth.encoder_target

    @encoder_target.setter
    def encoder_target(self, bitrate: int | None) -> None:
        self._bandwidth.encoder_target = bitrate

    @property
    def pacing_rate(self) -> float | None:
        """The rate at which packets may leave, in bits per second; None while the encoder's target is unknown."""
        target = self._bandwidth.encoder_target
        return PACING_FACTOR * target if target else None

    @property
    def link_capacity(self) -> int | None:
        """The estimate of the link capacity, in bits per second; None while no limit is known."""
        return self._bandwidth.estimate

    @property
    def receiver_estimate(self) -> int | None:
        """The receiver's own estimate (REMB), in bits per second; None when it sends none."""
        return self._bandwidth.receiver_estimate

    @property
    def playout_delay(self) -> tuple[int, int]:
        """The playout delay to announce, (minimum, maximum) in milliseconds."""
        return self._playout.current

    # -- sent packets -----------------------------------------------------------------------------------------------

    def on_sent(self, number: int, size: int, now: float) -> None:
        """Record a packet of `size` bytes that left under this transport-wide sequence number."""
        self._delivery.on_sent(number, size, now)
        self._sent.add(8 * size, now)

    def on_retransmitted(self, number: int, size: int, now: float) -> None:
        """Record a retransmission in the same manner."""
        self.on_sent(number, size, now)
        self._retransmitted.add(8 * size, now)

    def on_first_frame_sent(self, now: float) -> None:
        """Record that the stream has begun."""
        self._started_at = now

    # -- feedback ---------------------------------------------------------------------------------------------------

    def on_arrivals(self, arrivals: Iterable[Arrival], now: float) -> Decision:
        """Take transport-wide feedback."""
        delivery = self._delivery.on_arrivals(arrivals, now)
        if delivery is None:
            return self._decision()
        self.path.queueing_delay = delivery.newest_queueing_delay
        sent = self._sent.rate(now)
        has_collapsed = self._bandwidth.on_delivery(delivery, sent, now)
        # After a collapse and while draining, the last packet in flight shows when the network's queue is empty.
        drain = self._drain_seconds(delivery, sent) if has_collapsed or now < self.drain_until else 0.0
        if self._bandwidth.base_delay_has_grown:
            self._delivery.forget_path()
            self._forget_estimated_path()
        if has_collapsed:
            return self._start_over(drain, now)
        if now < self.drain_until:
            return self._drain(drain, now)
        return self._decision()

    def on_receiver_report(self, report: ReceiverReport, now: float) -> Decision:
        """Take a receiver report (RFC 3550, 6.4.2)."""
        sent = self._sent.rate(now)
        if report.round_trip_time is not None:
            self.path.on_round_trip(report.round_trip_time)
            self._bandwidth.on_round_trip_time(report.round_trip_time, sent, now)
        loss = self._loss.add(report.highest, report.fraction_lost)
        if loss is None:
            return self._decision()
        self._bandwidth.on_loss(loss, sent, now)
        path_loss = 0.0 if self._bandwidth.is_congested(now) else loss
        self._playout.on_report(path_loss, self.path.shortest_round_trip or 0.0, now)
        return self._decision()._replace(playout_delay=self._playout.current)

    def on_receiver_estimate(self, bitrate: int, now: float) -> Decision:
        """Take a receiver's estimate (REMB), in bits per second."""
        self._bandwidth.on_receiver_estimate(min(bitrate, MAX_BITRATE), self._sent.rate(now), now)
        return self._decision()

    def on_missing_packets(self, missing: MissingPackets, now: float) -> Decision:
        """Take a NACK: retransmit the packets, or start over after a collapse.

        Reordered packets are missing for a moment, too, but no queue grows then.
        """
        share = None if self._bandwidth.knows_arrivals else self._collapse.on_missing(missing)
        feedback_delay = self.path.feedback_delay(self._collapse.newest_sent_at, now)
        if share is None or self._is_settling(now) or feedback_delay < COLLAPSE_DELAY:
            return self._decision()._replace(retransmission_budget=self._retransmission_budget(now))
        self._bandwidth.on_collapse(share, self._sent.rate(now), now)
        self._collapse.start_from(missing.packets_sent)
        # The loss is known only now, so the queue that dropped the packets has been full until now, and its content
        # takes as long to arrive as this feedback took.
        return self._start_over(feedback_delay, now)

    def on_budget_exceeded(self, now: float) -> Decision:
        """Start over when more packets are missing than may be retransmitted: a keyframe arrives sooner."""
        return self._decision() if self._is_settling(now) else self._start_over(0.0, now)

    def on_disconnected(self, now: float) -> None:
        """Forget the path: the viewer is out of reach and may return on another path.

        Loss from now on is no sign of congestion. The estimate is reported again with the next feedback.
        """
        self._loss = ReportedLoss()
        self._collapse = CollapseDetector()
        self._delivery.forget_path()
        self._forget_estimated_path()
        self.path.forget_path()
        self.drain_until = now

    # -- inside -----------------------------------------------------------------------------------------------------

    def _decision(self) -> Decision:
        """Return a decision with the estimate, when it differs noticeably from the last one reported."""
        estimate, before = self._bandwidth.estimate, self._reported
        if estimate is None or (before is not None and abs(estimate - before) <= before * NOTICEABLE):
            return Decision()
        self._reported = estimate
        return Decision(target_bitrate=estimate)

    def _start_over(self, drain: float, now: float) -> Decision:
        self._collapse.on_history_discarded()
        self.drain_until = now + MAX_DRAIN
        return self._drain(drain, now)._replace(keyframe=True)

    def _drain(self, seconds: float, now: float) -> Decision:
        """Return the decision to continue in `seconds`, but not later than was decided before."""
        self.drain_until = min(now + max(seconds - KEYFRAME_LEAD, 0.0), self.drain_until)
        return self._decision()._replace(drain_until=self.drain_until)

    def _drain_seconds(self, delivery: Delivery, sent: float) -> float:
        """Return the seconds in which the packets in flight will have arrived."""
        bits = 8 * self._delivery.bytes_in_flight * (1 - delivery.loss)
        return bits / max(delivery.bottleneck_rate or self._bandwidth.bottleneck_rate or sent, MIN_BITRATE)

    def _retransmission_budget(self, now: float) -> float:
        return RETRANSMISSION_SHARE * (self.encoder_target or MAX_BITRATE) - self._retransmitted.rate(now)

    def _is_settling(self, now: float) -> bool:
        """Return whether the stream began, or began anew, so recently that its beginning explains missing packets.

        A browser may have its SRTP keys a moment later than the sender, and does not receive the first packets.
        """
        return self._started_at is None or now - max(self._started_at, self.drain_until) < SETTLE_SECONDS

    def _forget_estimated_path(self) -> None:
        self._bandwidth.forget_path()
        self._reported = None
