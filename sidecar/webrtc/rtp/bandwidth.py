"""How much a viewer's network carries, from its reports, its estimates, its loss and its delay. Pure calculation."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from sidecar.webrtc.rtp.delivery import Delivery
from sidecar.webrtc.rtp.queue_control import QueueControl

MIN_BITRATE: Final = 50_000
MAX_BITRATE: Final = 50_000_000

HIGH_LOSS: Final = 0.10
LOW_LOSS: Final = 0.02
"""Above the one the rate goes down, below the other it goes up, between them it stays (draft-ietf-rmcat-gcc-02, 6)."""

INCREASE: Final = 1.08
INCREASE_INTERVAL: Final = 1.0
DECREASE_INTERVAL: Final = 0.3
"""Seconds. Reports that come faster tell of the same loss."""

CATCH_UP: Final = 1.25
KNOWN_SHARE: Final = 0.8
"""How fast the limit from loss goes up while it is below this part of what is known otherwise."""

ESTIMATE_LIFETIME: Final = 5.0
"""Seconds. Receivers that give estimates give one a second."""

OVERUSE: Final = 0.97
"""A receiver lowers its estimate by a tenth or more when queues grow; less is noise."""

BELOW_SENT: Final = 0.9
"""A first estimate this far below what is sent comes from queues that grow."""


EXCESS: Final = 1.1
EXCESS_PATIENCE: Final = 1.0
"""A receiver's estimate that stays, for so many seconds, this far below what is sent is a limit: it would rise."""

RECOVERY_AFTER: Final = 5.0
RECOVERY_REACH: Final = 2.0
"""So many seconds after it was lowered the limit rises by itself, this far beyond the receiver's estimate: a picture
that does not use its limit would keep the estimate, and so the limit, where it is."""


NOTICEABLE: Final = 0.02

COLLAPSE_SHARE: Final = 0.85
"""Of what still arrives after a collapse: the rest lets the queue drain, as after an overuse (gcc, 5.5)."""

COLLAPSE_MEMORY: Final = 1.5
"""Seconds in which receiver reports still tell of the loss that a collapse was recognised by."""

QUEUE: Final = 0.12
"""Seconds that the round trip may take longer than its shortest before a queue is to blame."""

QUEUE_SHARE: Final = 0.85
DRAINING: Final = 0.6
"""A round trip that takes less than this part of the one before: the last decrease works."""

MAX_IN_VAIN: Final = 4
"""So many decreases that do not make the round trip shorter: it is no queue of ours."""

LOSSY_INCREASE: Final = 1.04
"""For some loss without a queue: that is the network's way, not too much traffic."""

ROUND_TRIPS: Final = 30
"""So many measurements, about one a second, are looked at for the shortest: longer ago, the path was another."""


class BandwidthEstimator:
    """One bitrate from transport-wide feedback or REMB, and from loss and delay, which every receiver tells.

    Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) comes some twenty times a second and
    tells of every packet: where it comes, it says all about queues. A receiver that gives none may give REMB
    (draft-alvestrand-rmcat-remb). Such an estimate grows only as far as what is received (1.5 times that), so with a
    still picture it is small though the network is wide. It is no limit then: it becomes one when the receiver lowers
    it, or when it starts below what is being sent, or stays below it. `estimate` is None as long as no limit is known.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.target_bitrate: int | None = None
        self.receiver_estimate: int | None = None
        self._clock = clock
        self._taken: int | None = None
        self._queues = QueueControl(clock)
        self.knows_arrivals = False
        """Whether the receiver gives transport-wide feedback, which says all about queues."""
        self._received_at = clock()
        self._receiver_limit: float | None = None
        self._reported_loss = 0.0
        self._loss_limit: float | None = None
        self._collapsed_at = clock() - COLLAPSE_MEMORY
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS)
        self._in_vain = 0
        self._lowered_at = self._raised_at = self._increased_at = self._decreased_at = clock() - INCREASE_INTERVAL
        self._exceeded_since: float | None = None

    @property
    def estimate(self) -> int | None:
        """Bits per second that the network carries as far as is known."""
        limits = self._limits()
        return int(min(max(min(limits), MIN_BITRATE), MAX_BITRATE)) if limits else None

    def take_change(self) -> int | None:
        """The estimate, when it has changed since it was taken; what is not worth a change of the encoder is none."""
        estimate, before = self.estimate, self._taken
        if estimate is None or (before is not None and abs(estimate - before) <= before * NOTICEABLE):
            return None
        self._taken = estimate
        return estimate

    def interrupt(self) -> None:
        """The viewer is out of reach. It may come back on another path, and its estimate is to be told again then."""
        self._taken = None
        self._round_trips.clear()
        self._in_vain = 0
        self._queues.interrupt()

    def on_delivery(self, delivery: Delivery, sent: float) -> bool:
        """Transport-wide feedback came; `sent` is what was sent over the last second, in bits per second.

        True when the network carries far less than is sent.
        """
        self.knows_arrivals = True
        is_lossy = self._reported_loss > LOW_LOSS
        return self._queues.on_delivery(delivery, sent, self.target_bitrate, is_lossy=is_lossy)

    @property
    def carries(self) -> float | None:
        """Bits per second that came through when more was sent than the network carries, None if that never was so."""
        return self._queues.carries

    @property
    def is_congested(self) -> bool:
        """Whether so much was sent just now that what is lost is lost from a queue of ours."""
        return self._clock() - max(self._collapsed_at, self._queues.decreased_at) < COLLAPSE_MEMORY

    @property
    def is_way_longer(self) -> bool:
        """Whether packets take longer by now for another reason than a queue."""
        return self._queues.is_way_longer

    def on_receiver_estimate(self, bitrate: int, sent: float) -> None:
        """A REMB arrived; `sent` is what was sent over the last second. Both in bits per second."""
        before, self.receiver_estimate = self.receiver_estimate, bitrate
        self._received_at = self._clock()
        lowered = bitrate < before * OVERUSE if before is not None else bitrate < sent * BELOW_SENT
        if lowered or self._is_exceeded(bitrate, before, sent):
            self._lowered_at = self._clock()
            self._receiver_limit = min(bitrate, self._receiver_limit or bitrate)
        elif self._receiver_limit is not None:
            self._receiver_limit = max(bitrate, self._recovered(self._receiver_limit, bitrate))
        elif self.target_bitrate is not None and bitrate > self.target_bitrate:
            self._receiver_limit = bitrate

    def _is_exceeded(self, bitrate: int, before: int | None, sent: float) -> bool:
        """Whether more is sent than the receiver takes for possible, and it does not change its mind."""
        if sent <= bitrate * EXCESS or before is None or bitrate > before:
            self._exceeded_since = None
            return False
        now = self._clock()
        if self._exceeded_since is None:
            self._exceeded_since = now
        return now - self._exceeded_since >= EXCESS_PATIENCE

    def _recovered(self, limit: float, bitrate: int) -> float:
        now = self._clock()
        if now - self._lowered_at < RECOVERY_AFTER or now - self._raised_at < INCREASE_INTERVAL:
            return limit
        self._raised_at = now
        return max(limit, min(limit * INCREASE, bitrate * RECOVERY_REACH))

    def on_loss(self, fraction: float, sent: float) -> None:
        """A receiver report arrived: `fraction` (0 to 1) of the packets since the last one was lost."""
        now = self._clock()
        self._reported_loss = fraction
        self._forget_old_estimate(now)
        if self.is_congested:
            return
        if fraction > HIGH_LOSS:
            if now - self._decreased_at >= DECREASE_INTERVAL:
                self._lower(1 - 0.5 * fraction, sent)
        elif self._loss_limit is not None and now - self._increased_at >= INCREASE_INTERVAL:
            self._increased_at = now
            self._loss_limit *= self._increase(fraction, self._loss_limit)
            if self._loss_limit >= MAX_BITRATE:
                self._loss_limit = None

    def _forget_old_estimate(self, now: float) -> None:
        """A receiver that gives no estimates any more: what it said last is a limit that may rise like any other."""
        if self.receiver_estimate is not None and now - self._received_at > ESTIMATE_LIFETIME:
            self._loss_limit = min(self._limits(), default=None)
            self.receiver_estimate = self._receiver_limit = None

    def _limits(self) -> list[float]:
        limits = (self._queues.limit, self._receiver_limit, self._loss_limit)
        return [limit for limit in limits if limit is not None]

    def _increase(self, fraction: float, limit: float) -> float:
        if limit < (self._queues.limit or self.receiver_estimate or 0) * KNOWN_SHARE:
            return CATCH_UP
        if fraction < LOW_LOSS:
            return INCREASE
        return 1.0 if self._queue is None or self._queue > QUEUE else LOSSY_INCREASE

    @property
    def _queue(self) -> float | None:
        """Seconds that the last round trip took longer than the shortest."""
        return self._round_trips[-1] - min(self._round_trips) if self._round_trips else None

    def on_collapse(self, fraction: float, sent: float) -> None:
        """The network carries far less than is sent: `fraction` of the newest packets was lost."""
        self._collapsed_at = self._increased_at = self._decreased_at = self._clock()
        current = self.estimate or self.target_bitrate or sent
        arrives = (sent or current) * (1 - fraction)
        self._loss_limit = max(min(arrives * COLLAPSE_SHARE, current), MIN_BITRATE)

    def on_round_trip_time(self, seconds: float, sent: float) -> None:
        """A receiver report echoed one of ours.

        A queue that grows is seen by the receiver first; but one that gives no estimate says nothing of it.
        """
        before = self._round_trips[-1] if self._round_trips else seconds
        self._round_trips.append(seconds)
        is_standing = seconds - min(self._round_trips) > QUEUE and seconds > before * DRAINING
        self._in_vain = self._in_vain + 1 if is_standing else 0
        if self._in_vain > MAX_IN_VAIN:
            self._round_trips = deque([seconds], maxlen=ROUND_TRIPS)  # the path itself has become longer
            self._in_vain = 0
        elif is_standing and not self._is_told_of_queues and self._clock() - self._collapsed_at >= COLLAPSE_MEMORY:
            self._lower(QUEUE_SHARE, sent)

    @property
    def _is_told_of_queues(self) -> bool:
        return self.receiver_estimate is not None or self.knows_arrivals

    def _lower(self, share: float, sent: float) -> None:
        self._decreased_at = self._clock()
        current = self.estimate or self.target_bitrate or sent
        self._loss_limit = max(min(current, sent or current) * share, MIN_BITRATE)
