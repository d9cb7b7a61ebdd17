"""The bitrate that keeps the queueing delay low, from transport-wide feedback.

The method is that of draft-ietf-rmcat-gcc-02: a growing queueing delay shows that the sender exceeds the link capacity,
and the rate at which queued packets arrive shows the capacity.
"""

from __future__ import annotations

from math import inf
from typing import Final

from sidecar.congestion.delivery import Delivery

VERY_HIGH_DELAY: Final = 0.15
"""Seconds of queueing delay that lower the bitrate at once."""

HIGH_DELAY: Final = 0.07
HIGH_FOR: Final = 0.15
"""A queueing delay above HIGH_DELAY lowers the bitrate after HIGH_FOR seconds; a keyframe causes a short queue."""

LOW_DELAY: Final = 0.03
"""Seconds of queueing delay up to which the bitrate may rise."""

SHARE: Final = 0.9
"""The part of the bottleneck rate that is aimed at once the queue has drained."""

DRAIN: Final = 0.5
DRAIN_AT_MOST: Final = 0.2
"""The share is lower by DRAIN for each second of queueing delay, so that the queue drains in a second or so."""

DECREASE_INTERVAL: Final = 0.15
DRAIN_SECONDS: Final = 1.0
GROWN: Final = 0.02
"""After a decrease the next one waits for DRAIN_SECONDS, in which the first one takes effect. DECREASE_INTERVAL seconds
are enough when the queueing delay has grown by GROWN seconds in spite of it, or the bottleneck rate is below the
limit."""

REPEATED_SHARE: Final = 0.85
"""The part that is left of a limit that has not drained the queue."""

IN_VAIN: Final = 0.8
MAX_IN_VAIN: Final = 2
"""After MAX_IN_VAIN decreases without loss that each leave this part of the queueing delay, no queue is the cause: the
path's base delay has grown."""

COLLAPSE: Final = 0.5
COLLAPSE_DELAY: Final = 0.1
"""A collapse: less than this part of the sent bitrate arrives while packets queue for so many seconds. The packets in
flight will be lost or too late."""

CONGESTIVE_LOSS: Final = 0.15
"""This loss from a long queue is a collapse, too: retransmissions would keep the queue long."""

COLLAPSE_INTERVAL: Final = 1.0
"""Seconds between two collapses. The sent bitrate is that of the last second, so one collapse shows for as long."""

RETURN: Final = 1.5
INCREASE: Final = 1.08
FREE_INCREASE: Final = 1.25
"""Growth per second: up to the known capacity, near it, and where the capacity is unknown."""

BEYOND: Final = 1.15
FORGET_SECONDS: Final = 30.0
"""A known capacity is forgotten when BEYOND times as much has been sent without a queue, or after so long."""

USED: Final = 1.25
FREELY_USED: Final = 2.5
"""The limit, at most, as a multiple of the sent bitrate: a higher limit is untested. Where the capacity is
unknown the limit may rise further: otherwise a viewer that shares the encoding of a viewer with a slower link would
never show that its own link has more capacity."""

LEARN_SECONDS: Final = 1.0
LONGEST_STEP: Final = 0.5
"""The longest time, in seconds, for which one increase counts after a gap between reports."""


class DelayBasedControl:
    """The delay-based limit.

    `limit` and `bottleneck_rate` are in bits per second, None while unknown. `decreased_at` is the time of the last
    decrease, in seconds.
    """

    def __init__(self, now: float) -> None:
        self.limit: float | None = None
        self.bottleneck_rate: float | None = None
        self._first_target: int | None = None
        self._first_at: float | None = None
        self._last_at = now
        self.decreased_at = self._collapsed_at = -inf
        self._delay_at_decrease = 0.0
        self._high_since: float | None = None
        self._in_vain = 0

    def forget_path(self) -> None:
        """Forget the state that belongs to one path: the viewer was out of reach, or the base delay has grown."""
        self._first_at = self._high_since = self.bottleneck_rate = None
        self._in_vain = 0
        self._delay_at_decrease = 0.0

    def on_delivery(
        self, delivery: Delivery, sent: float, target: int | None, now: float, *, is_lossy: bool = False
    ) -> bool:
        """Take the measurements of a report, and return whether the path has collapsed.

        `sent` is the sent bitrate of the last second and `target` the encoder's, in bits per second. Where packets are
        lost without a queue (`is_lossy`), a picture of more packets is late more often: the limit then stays at or
        below the first target.
        """
        seconds, self._last_at = min(now - self._last_at, LONGEST_STEP), now
        self._first_at = now if self._first_at is None else self._first_at
        self._first_target = target if self._first_target is None else self._first_target
        if self._has_collapsed(delivery, sent, now):
            self._collapsed_at = now
            self._decrease(delivery, sent, now)
            return True
        if self._is_too_high(delivery.queueing_delay, now):
            if self._is_due(delivery, now):
                self._decrease(delivery, sent, now)
        elif delivery.queueing_delay <= LOW_DELAY:
            self._in_vain, self._delay_at_decrease = 0, 0.0
            if self.limit is not None:
                ceiling = self._first_target if is_lossy and self._first_target is not None else inf
                self._increase(self.limit, sent, seconds, ceiling)
            elif target is not None and now - self._first_at >= LEARN_SECONDS:
                self.limit = float(target)
        return False

    @property
    def base_delay_has_grown(self) -> bool:
        """Whether decreases are in vain, so that the base delay has to be measured anew."""
        return self._in_vain >= MAX_IN_VAIN

    def _is_too_high(self, queueing_delay: float, now: float) -> bool:
        if queueing_delay <= HIGH_DELAY:
            self._high_since = None
            return False
        self._high_since = now if self._high_since is None else self._high_since
        return queueing_delay > VERY_HIGH_DELAY or now - self._high_since >= HIGH_FOR

    def _has_collapsed(self, delivery: Delivery, sent: float, now: float) -> bool:
        if delivery.bottleneck_rate is None or now - self._collapsed_at < COLLAPSE_INTERVAL:
            return False
        overruns = delivery.loss >= CONGESTIVE_LOSS and delivery.queueing_delay > HIGH_DELAY
        grows = delivery.queueing_delay > LOW_DELAY and delivery.newest_queueing_delay > COLLAPSE_DELAY
        return overruns or (grows and delivery.bottleneck_rate < COLLAPSE * sent)

    def _is_due(self, delivery: Delivery, now: float) -> bool:
        """Return whether the last decrease is old enough for another one."""
        since = now - self.decreased_at
        rate = delivery.bottleneck_rate
        has_grown = delivery.queueing_delay > self._delay_at_decrease + GROWN
        is_slower = rate is not None and self.limit is not None and rate < self.limit
        return since >= DRAIN_SECONDS or (since >= DECREASE_INTERVAL and (has_grown or is_slower))

    def _decrease(self, delivery: Delivery, sent: float, now: float) -> None:
        delay, before = delivery.queueing_delay, self._delay_at_decrease
        has_failed = delay >= IN_VAIN * before > 0 and now - self.decreased_at >= DRAIN_SECONDS
        is_in_vain = has_failed and not delivery.loss and sent < (self.bottleneck_rate or 0.0)
        self._in_vain = self._in_vain + 1 if is_in_vain else 0
        self.decreased_at, self._delay_at_decrease = now, delay
        rate = delivery.bottleneck_rate
        self.bottleneck_rate = rate if rate is not None else min(sent, self.limit or sent)
        limit = self.bottleneck_rate * (SHARE - min(DRAIN * delay, DRAIN_AT_MOST))
        last = self.limit if self.limit is not None else limit
        self.limit = min(limit, last * REPEATED_SHARE if has_failed else last)

    def _increase(self, limit: float, sent: float, seconds: float, ceiling: float) -> None:
        rate = self.bottleneck_rate
        if rate is not None and (sent > BEYOND * rate or self._last_at - self.decreased_at > FORGET_SECONDS):
            rate = self.bottleneck_rate = None
        if rate is None:
            factor, most = FREE_INCREASE, FREELY_USED * sent
        elif limit < SHARE * rate:
            factor, most = RETURN, SHARE * rate
        else:
            factor, most = INCREASE, USED * sent
        self.limit = min(max(limit, min(limit * factor**seconds, most)), ceiling)
