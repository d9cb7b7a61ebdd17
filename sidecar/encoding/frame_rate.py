"""Leaving out frames, evenly."""

from __future__ import annotations

from typing import Final

_EARLY: Final = 0.19  # of a frame: so much too soon it still passes, for cameras are not punctual


class FrameRateLimit:
    """Lets at most `fps` frames per second through, as evenly as they come; all of them when `fps` is None."""

    def __init__(self, fps: float | None = None) -> None:
        self._fps = fps
        self._due_in = 0.0  # frames at `fps`
        self._last: float | None = None

    def admits(self, captured_at: float, *, needed: bool = False) -> bool:
        """Whether the frame of this moment (seconds) is kept; one that is `needed` always is, and counts."""
        if self._fps is None:
            return True
        if self._last is not None:
            # What is late by more than half a frame is not made up for.
            self._due_in = max(self._due_in - (captured_at - self._last) * self._fps, -0.5)
        self._last = captured_at
        if self._due_in > _EARLY and not needed:
            return False
        self._due_in = min(self._due_in, _EARLY) + 1.0
        return True
