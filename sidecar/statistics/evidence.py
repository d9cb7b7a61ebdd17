"""The counters of one connection over the last seconds."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sidecar.contract.types import CameraStats, ConnectionStats, EncodingStats
from sidecar.statistics.policy import QualityPolicy


class FrameCounts(NamedTuple):
    """Numbers of frames: captured, left out to hold the frame rate, dropped by a busy encoder, encoded, sent, dropped.

    `encoded` are the frames of the encoding that the viewer gets, `dropped` the frames that its full queue refused.
    """

    captured: int
    left_out: int
    encoder_busy: int
    encoded: int
    sent: int
    dropped: int

    @classmethod
    def of(cls, camera: CameraStats, connection: ConnectionStats) -> FrameCounts:
        """Return the counters of now."""
        return cls(
            captured=camera.frames_captured,
            left_out=camera.frames_dropped.rate,
            encoder_busy=camera.frames_dropped.encoder_busy,
            encoded=encoding_of(camera, connection).frames_encoded,
            sent=connection.frames_sent,
            dropped=connection.frames_dropped,
        )


class Evidence(NamedTuple):
    """The frames of the last `seconds`."""

    seconds: float
    frames: FrameCounts


class EvidenceWindow:
    """The samples of the counters within the policy's window."""

    def __init__(self, policy: QualityPolicy) -> None:
        self._policy = policy
        self._samples: deque[tuple[float, FrameCounts]] = deque(maxlen=int(policy.window / policy.sample_interval) + 2)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._samples)

    def clear(self) -> None:
        """Drop all samples."""
        self._samples.clear()

    def add(self, counts: FrameCounts, now: float) -> Evidence | None:
        """Return the frames of the window that ends at `now` (seconds); None while it is too short.

        A sample is kept every `sample_interval`. Samples from before a restart of the counters are dropped.
        """
        policy, samples = self._policy, self._samples
        if samples and (now - samples[-1][0] > policy.forgotten_after or _restarted(samples[-1][1], counts)):
            samples.clear()
        while len(samples) > 1 and now - samples[1][0] >= policy.window:
            samples.popleft()
        if not samples or now - samples[-1][0] >= policy.sample_interval:
            samples.append((now, counts))
        began_at, before = samples[0]
        if now - began_at < policy.shortest_window:
            return None
        return Evidence(now - began_at, FrameCounts(*(new - old for old, new in zip(before, counts, strict=True))))


def encoding_of(camera: CameraStats, connection: ConnectionStats) -> CameraStats | EncodingStats:
    """Return the figures of the encoding that the viewer gets."""
    return camera.reduced if connection.encoding == "reduced" and camera.reduced is not None else camera


def _restarted(before: FrameCounts, after: FrameCounts) -> bool:
    """Return whether a counter began at zero again: the camera was reopened, or the peer replaced."""
    return any(new < old for old, new in zip(before, after, strict=True))
