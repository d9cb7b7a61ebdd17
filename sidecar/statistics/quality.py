"""The quality that is reported for a connection: good, fair or poor, with the cause.

It is judged from the statistics alone, so a reader of the figures can follow the judgement. Facts that only the viewer
knows are for the viewer to add.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sidecar.contract.types import CameraFormat, CameraStats, ConnectionStats, Quality
from sidecar.statistics.evidence import EvidenceWindow, FrameCounts
from sidecar.statistics.judgement import interrupted, judge
from sidecar.statistics.policy import LEVELS, QualityPolicy


class QualityMeter:
    """Judges one connection at each sample, by the counters of earlier samples."""

    def __init__(self, policy: QualityPolicy, clock: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._clock = clock
        self._window = EvidenceWindow(policy)
        self._steady = SteadyQuality(policy)
        self._format: CameraFormat | None = None

    def sample(self, camera: CameraStats | None, connection: ConnectionStats) -> Quality | None:
        """Return the quality to report; None while no picture is shown, and until there is evidence."""
        if camera is None or camera.state != "streaming" or connection.state != "connected":
            # An interruption is reported at once, and its missing pictures are no evidence for the time after it.
            self._window.clear()
            self._steady = SteadyQuality(self._policy)
            return None if camera is None else interrupted(camera, connection)
        if camera.format != self._format:  # pictures at another rate, and the pause of the change, are no evidence
            self._format = camera.format
            self._window.clear()
        now = self._clock()
        evidence = self._window.add(FrameCounts.of(camera, connection), now)
        return self._steady.update(judge(camera, connection, evidence, self._policy), now)


class SteadyQuality:
    """Reports another level only when it has held for the policy's time."""

    def __init__(self, policy: QualityPolicy) -> None:
        self._policy = policy
        self._reported: Quality | None = None
        self._updated_at = 0.0
        self._other_since: float | None = None
        self._is_worse = False

    def update(self, judged: Quality | None, now: float) -> Quality | None:
        """Return the quality to report at `now` (seconds), when `judged` holds at this moment; None: no evidence."""
        forgotten = now - self._updated_at > self._policy.forgotten_after
        self._updated_at = now
        if judged is None:
            self._reported = self._other_since = None
            return None
        if self._reported is None or forgotten or judged.level == self._reported.level:
            return self._report(judged)
        is_worse = LEVELS.index(judged.level) > LEVELS.index(self._reported.level)
        if self._other_since is None or is_worse != self._is_worse:
            self._other_since, self._is_worse = now, is_worse
        if now - self._other_since >= (self._policy.worse_after if is_worse else self._policy.better_after):
            return self._report(judged)
        return self._reported

    def _report(self, quality: Quality) -> Quality:
        self._reported, self._other_since = quality, None
        return quality
