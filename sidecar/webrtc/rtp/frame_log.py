"""The frames of a stream that have been sent whole."""

from __future__ import annotations

import time
from collections.abc import Callable

from sidecar.contract.types import FrameTime, Latency, OutboundStats
from sidecar.media.access_unit import AccessUnit
from sidecar.media.meters import Percentiles


class FrameLog:
    """Counts frames, and measures the time from the encoder to the network.

    `newest` is the RTP time stamp of the last frame and its capture time; `first_sent_at` is when the first frame was
    sent. Both times are by `clock`, which is time.monotonic() but in tests.
    """

    def __init__(self, counters: OutboundStats, clock: Callable[[], float]) -> None:
        self.first_sent_at: float | None = None
        self.newest: tuple[int, float] | None = None
        self.last_unit: AccessUnit | None = None
        self._counters = counters
        self._clock = clock
        self._encoded_to_sent = Percentiles(clock=clock)

    def add(self, unit: AccessUnit, timestamp: int) -> None:
        """Record an access unit and its RTP time stamp; its last packet leaves now."""
        now = self._clock()
        self._counters.frames_sent += 1
        self._encoded_to_sent.add((now - unit.encoded_at) * 1000)
        self.last_unit = unit
        self.newest = timestamp, unit.captured_at
        if self.first_sent_at is None:
            self.first_sent_at = now

    def encoded_to_sent_ms(self) -> Latency:
        """Return the time from the end of encoding until a frame's last packet left."""
        return Latency(p50=self._encoded_to_sent.percentile(50), p95=self._encoded_to_sent.percentile(95))

    def newest_frame(self) -> FrameTime | None:
        """Return the last frame's RTP time stamp and its capture time by the wall clock; None before a frame."""
        if self.newest is None:
            return None
        rtp_timestamp, captured_at = self.newest
        captured = time.time() - (self._clock() - captured_at)
        return FrameTime(rtp_timestamp=rtp_timestamp, captured_wall_ms=captured * 1000)
