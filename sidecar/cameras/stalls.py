"""When a camera without new frames counts as lost. Pure calculation: the caller polls at regular intervals."""

from __future__ import annotations

from sidecar.cameras.policy import StallPolicy


class StallWatch:
    """Counts the polls of a frame counter that has not changed. `limit` is the silence that it allows, in seconds."""

    def __init__(self, policy: StallPolicy, kind_limit: float, fps: float) -> None:
        """`kind_limit` is in seconds without a frame; `fps` is the frame rate that the camera claims."""
        self._step = policy.step
        self.limit = max(kind_limit, policy.frames / max(fps, policy.slowest_fps))
        self._silent = 0.0
        self._frames = 0

    def has_stalled(self, frames_captured: int) -> bool:
        """Return whether the counter has not moved for `limit` seconds. Call it once per step of the policy."""
        self._silent = self._silent + self._step if frames_captured == self._frames else 0.0
        self._frames = frames_captured
        return self._silent >= self.limit
