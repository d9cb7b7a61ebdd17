"""The bitrate that keeps the queues of the network short, from what a viewer tells of each packet. Pure calculation.

The idea is that of draft-ietf-rmcat-gcc-02: a queue that grows says that more is sent than the way carries, what comes
through meanwhile says how much that is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import Final

from sidecar.webrtc.rtp.delivery import Delivery

LONG_QUEUE: Final = 0.15
"""Seconds: too long at once."""

HIGH_QUEUE: Final = 0.07
HIGH_FOR: Final = 0.15
"""Seconds of queue that are too long when they last so many seconds; a keyframe makes a queue that is soon gone."""

LOW_QUEUE: Final = 0.03
"""Seconds up to which there is room for more."""

SHARE: Final = 0.9
"""Of what the way carries: what is aimed at once the queue is gone."""

DRAIN: Final = 0.5
DRAIN_AT_MOST: Final = 0.2
"""Less by this much for each second of queue, so that it is gone in a second or so."""

DECREASE_INTERVAL: Final = 0.15
DRAIN_SECONDS: Final = 1.0
GROWN: Final = 0.02
"""After a decrease another one waits for DRAIN_SECONDS, in which the first one shows. DECREASE_INTERVAL seconds are
enough when the queue has grown by GROWN seconds all the same, or less comes through than was thought."""

AGAIN: Final = 0.85
"""Of the limit that has not made the queue shorter."""

IN_VAIN: Final = 0.8
MAX_IN_VAIN: Final = 2
"""So many decreases, without a loss, that leave this part of the queue: it is none, the way has become longer."""

COLLAPSE: Final = 0.5
COLLAPSE_QUEUE: Final = 0.1
"""Less than this part of what is sent gets through, and packets wait for so many seconds: what is on its way will be
lost or too late."""

CONGESTIVE_LOSS: Final = 0.15
"""This part of the packets is lost from a long queue: to send them again would keep it long."""

COLLAPSE_INTERVAL: Final = 1.0
"""Seconds. What was sent is known for the last second, so the same collapse is seen for as long."""

RETURN: Final = 1.5
INCREASE: Final = 1.08
FREE_INCREASE: Final = 1.25
"""A second: up to what the way is known to carry, near that, and beyond it, where nothing has stopped us yet."""

BEYOND: Final = 1.15
FORGET_SECONDS: Final = 30.0
"""What the way carried is forgotten when so many times as much has been sent without a queue, or after so long."""

USED: Final = 1.25
FREELY_USED: Final = 2.5
"""The limit does not rise above so many times what is sent, for it has not been tried: little where the way is known.
Where it is not, it may: a viewer that gets what a slower one can take would never be known to have the better link."""

LEARN_SECONDS: Final = 1.0
LONGEST_STEP: Final = 0.5
"""Seconds for which an increase counts at most, however long no report came."""


class QueueControl:
    """`limit` is in bits per second, and so is what the way carried when there was too much for it; None: not known.

    `decreased_at` is by the clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit: float | None = None
        self.carries: float | None = None
        self._clock = clock
        self._first_aim: int | None = None
        self._first_at: float | None = None
        self._last_at = clock()
        self.decreased_at = self._collapsed_at = -inf
        self._queue_then = 0.0
        self._high_since: float | None = None
        self._in_vain = 0

    def interrupt(self) -> None:
        """The viewer was out of reach; what is known of its way may not hold any more."""
        self._first_at = self._high_since = self.carries = None
        self._in_vain = 0
        self._queue_then = 0.0

    def on_delivery(self, delivery: Delivery, sent: float, aimed_at: int | None, *, is_lossy: bool = False) -> bool:
        """A report; `sent` is what was sent over the last second, both in bits per second.

        Where packets are lost without a queue (`is_lossy`), a picture of more of them is late more often: the limit is
        then no more than what was aimed at first. True when far less gets through than is sent.
        """
        now = self._clock()
        seconds, self._last_at = min(now - self._last_at, LONGEST_STEP), now
        self._first_at = now if self._first_at is None else self._first_at
        self._first_aim = aimed_at if self._first_aim is None else self._first_aim
        if self._has_collapsed(delivery, sent, now):
            self._collapsed_at = now
            self._decrease(delivery, sent, now)
            return True
        if self._is_too_long(delivery.queue, now):
            if self._is_due(delivery, now):
                self._decrease(delivery, sent, now)
        elif delivery.queue <= LOW_QUEUE:
            self._in_vain, self._queue_then = 0, 0.0
            if self.limit is not None:
                ceiling = self._first_aim if is_lossy and self._first_aim is not None else inf
                self._increase(self.limit, sent, seconds, ceiling)
            elif aimed_at is not None and now - self._first_at >= LEARN_SECONDS:
                self.limit = float(aimed_at)
        return False

    @property
    def is_way_longer(self) -> bool:
        """Whether decreasing is in vain: the shortest way has to be learnt anew."""
        return self._in_vain >= MAX_IN_VAIN

    def _is_too_long(self, queue: float, now: float) -> bool:
        if queue <= HIGH_QUEUE:
            self._high_since = None
            return False
        self._high_since = now if self._high_since is None else self._high_since
        return queue > LONG_QUEUE or now - self._high_since >= HIGH_FOR

    def _has_collapsed(self, delivery: Delivery, sent: float, now: float) -> bool:
        if delivery.rate is None or now - self._collapsed_at < COLLAPSE_INTERVAL:
            return False
        overruns = delivery.loss >= CONGESTIVE_LOSS and delivery.queue > HIGH_QUEUE
        grows = delivery.queue > LOW_QUEUE and delivery.newest_queue > COLLAPSE_QUEUE
        return overruns or (grows and delivery.rate < COLLAPSE * sent)

    def _is_due(self, delivery: Delivery, now: float) -> bool:
        """Whether the decrease before, if any, has had its time."""
        since = now - self.decreased_at
        is_more = delivery.queue > self._queue_then + GROWN
        is_less = delivery.rate is not None and self.limit is not None and delivery.rate < self.limit
        return since >= DRAIN_SECONDS or (since >= DECREASE_INTERVAL and (is_more or is_less))

    def _decrease(self, delivery: Delivery, sent: float, now: float) -> None:
        has_failed = delivery.queue >= IN_VAIN * self._queue_then > 0 and now - self.decreased_at >= DRAIN_SECONDS
        is_in_vain = has_failed and not delivery.loss and sent < (self.carries or 0.0)
        self._in_vain = self._in_vain + 1 if is_in_vain else 0
        self.decreased_at, self._queue_then = now, delivery.queue
        self.carries = delivery.rate if delivery.rate is not None else min(sent, self.limit or sent)
        limit = self.carries * (SHARE - min(DRAIN * delivery.queue, DRAIN_AT_MOST))
        before = self.limit if self.limit is not None else limit
        self.limit = min(limit, before * AGAIN if has_failed else before)

    def _increase(self, limit: float, sent: float, seconds: float, ceiling: float) -> None:
        carries = self.carries
        if carries is not None and (sent > BEYOND * carries or self._last_at - self.decreased_at > FORGET_SECONDS):
            carries = self.carries = None
        if carries is None:
            factor, most = FREE_INCREASE, FREELY_USED * sent
        elif limit < SHARE * carries:
            factor, most = RETURN, SHARE * carries
        else:
            factor, most = INCREASE, USED * sent
        self.limit = min(max(limit, min(limit * factor**seconds, most)), ceiling)
