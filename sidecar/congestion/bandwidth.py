"""The estimate of a viewer's link capacity: the lowest of the limits from delay, loss and the receiver's estimates."""

from __future__ import annotations

from typing import Final

from sidecar.congestion.delay_based import DelayBasedControl
from sidecar.congestion.delivery import Delivery
from sidecar.congestion.loss_based import HIGH_LOSS, LOW_LOSS, LossBasedLimit
from sidecar.congestion.receiver_estimate import ReceiverEstimate
from sidecar.congestion.round_trips import RoundTripTimes
from sidecar.contract.limits import MAX_BITRATE, MIN_BITRATE

INCREASE: Final = 1.08
"""Growth of the loss-based limit in a second without loss."""

LOSSY_INCREASE: Final = 1.04
"""Growth at some loss without a queue: such loss is the network's, not congestion."""

CATCH_UP: Final = 1.25
KNOWN_SHARE: Final = 0.8
"""Growth of the loss-based limit while it is below this part of the other limits."""

COLLAPSE_SHARE: Final = 0.85
"""The part of the arriving bitrate that is aimed at after a collapse: the rest lets the queue drain (gcc, 5.5)."""

COLLAPSE_MEMORY: Final = 1.5
"""Seconds in which receiver reports still contain the loss of a collapse."""

QUEUE_SHARE: Final = 0.85
"""The part of the bitrate that is left when round trips show a queue."""


class BandwidthEstimator:
    """One estimate from transport-wide feedback or REMB, and from loss and delay, which every receiver reports.

    Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) arrives some twenty times a second and
    names every packet; from a receiver that sends it, it alone shows queues. `encoder_target` is the encoder's target
    bitrate, and `sent` always the sent bitrate of the last second, both in bits per second: they distinguish a still
    picture from a thin link. All times are in seconds on one monotonic clock.
    """

    def __init__(self, now: float) -> None:
        self.encoder_target: int | None = None
        self.knows_arrivals = False
        """Whether the receiver sends transport-wide feedback."""
        self._delay_based = DelayBasedControl(now)
        self._loss_based = LossBasedLimit(now)
        self._receiver = ReceiverEstimate(now)
        self._round_trips = RoundTripTimes()
        self._reported_loss = 0.0
        self._collapsed_at = now - COLLAPSE_MEMORY

    @property
    def estimate(self) -> int | None:
        """The link capacity in bits per second; None while no limit is known."""
        limits = self._limits()
        return int(min(max(min(limits), MIN_BITRATE), MAX_BITRATE)) if limits else None

    @property
    def receiver_estimate(self) -> int | None:
        """The receiver's own estimate (REMB), in bits per second."""
        return self._receiver.estimate

    @property
    def bottleneck_rate(self) -> float | None:
        """The rate at which packets arrived when the link capacity was last exceeded, in bits per second."""
        return self._delay_based.bottleneck_rate

    @property
    def base_delay_has_grown(self) -> bool:
        """Whether the one-way delay has grown for another reason than a queue."""
        return self._delay_based.base_delay_has_grown

    def is_congested(self, now: float) -> bool:
        """Whether the link capacity was exceeded so recently that reported loss is loss from that queue."""
        return now - max(self._collapsed_at, self._delay_based.decreased_at) < COLLAPSE_MEMORY

    def forget_path(self) -> None:
        """Forget the state that belongs to one path; the limits stay."""
        self._round_trips.forget_path()
        self._delay_based.forget_path()

    def on_delivery(self, delivery: Delivery, sent: float, now: float) -> bool:
        """Take the measurements of transport-wide feedback, and return whether the link capacity has collapsed."""
        self.knows_arrivals = True
        is_lossy = self._reported_loss > LOW_LOSS
        return self._delay_based.on_delivery(delivery, sent, self.encoder_target, now, is_lossy=is_lossy)

    def on_receiver_estimate(self, bitrate: int, sent: float, now: float) -> None:
        """Take a REMB estimate, in bits per second."""
        self._receiver.on_estimate(bitrate, sent, self.encoder_target, now)

    def on_loss(self, fraction: float, sent: float, now: float) -> None:
        """Take the loss (0 to 1) of receiver reports."""
        self._reported_loss = fraction
        self._replace_expired_estimate(now)
        if self.is_congested(now):
            return
        if fraction > HIGH_LOSS:
            if self._loss_based.may_decrease(now):
                self._decrease(1 - 0.5 * fraction, sent, now)
        elif self._loss_based.may_increase(now):
            self._loss_based.increase(self._increase(fraction), now)

    def on_collapse(self, fraction: float, sent: float, now: float) -> None:
        """Lower the limit after a collapse in which `fraction` (0 to 1) of the newest packets was lost."""
        self._collapsed_at = now
        current = self._current(sent)
        arriving = (sent or current) * (1 - fraction)
        self._loss_based.collapse(min(arriving * COLLAPSE_SHARE, current), now)

    def on_round_trip_time(self, seconds: float, sent: float, now: float) -> None:
        """Take a round-trip time. It shows the queue of a receiver that sends no estimate and no arrival times."""
        is_standing = self._round_trips.add(seconds)
        reports_queues = self.receiver_estimate is not None or self.knows_arrivals
        if is_standing and not reports_queues and now - self._collapsed_at >= COLLAPSE_MEMORY:
            self._decrease(QUEUE_SHARE, sent, now)

    def _limits(self) -> list[float]:
        limits = (self._delay_based.limit, self._receiver.limit, self._loss_based.limit)
        return [limit for limit in limits if limit is not None]

    def _current(self, sent: float) -> float:
        return self.estimate or self.encoder_target or sent

    def _decrease(self, share: float, sent: float, now: float) -> None:
        current = self._current(sent)
        self._loss_based.decrease(min(current, sent or current) * share, now)

    def _increase(self, fraction: float) -> float:
        """Return the growth of the loss-based limit at this loss."""
        known = self._delay_based.limit or self.receiver_estimate or 0
        if (self._loss_based.limit or 0) < known * KNOWN_SHARE:
            return CATCH_UP
        if fraction < LOW_LOSS:
            return INCREASE
        return 1.0 if self._round_trips.shows_queue else LOSSY_INCREASE

    def _replace_expired_estimate(self, now: float) -> None:
        """Turn the limit of a receiver that has stopped sending estimates into one that may rise."""
        if self._receiver.has_expired(now):
            self._loss_based.limit = min(self._limits(), default=None)
            self._receiver.forget()
