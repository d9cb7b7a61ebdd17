"""A limit of the frame rate that drops frames evenly."""

from __future__ import annotations

from typing import Final

_TOLERANCE: Final = 0.19  # of a frame interval: frames that are early by this much pass, since cameras are not punctual


class FrameRateLimit:
    """Admits at most `fps` frames per second, as evenly as they arrive; every frame when `fps` is None."""

    def __init__(self, fps: float | None = None) -> None:
        self._fps = fps
        self._due_in = 0.0  # frame intervals at `fps`
        self._last: float | None = None

    def admits(self, captured_at: float, *, needed: bool = False) -> bool:
        """Return whether the frame captured at this moment (seconds) is kept; a `needed` one is, and counts."""
        if self._fps is None:
            return True
        if self._last is not None:
            # Frames that are late by more than half an interval are not made up for.
            self._due_in = max(self._due_in - (captured_at - self._last) * self._fps, -0.5)
        self._last = captured_at
        if self._due_in > _TOLERANCE and not needed:
            return False
        self._due_in = min(self._due_in, _TOLERANCE) + 1.0
        return True
