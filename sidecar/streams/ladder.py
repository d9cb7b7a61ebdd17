"""Which frame rate and size suit a bitrate. Pure calculation.

As the bitrate falls, first the picture gets coarser, then the frame rate falls, then the size, and back up the same
way: the balanced degradation preference (W3C WebRTC, RTCDegradationPreference), with the idea of libwebrtc's
balanced_degradation_settings.cc that a smaller picture can bear a lower frame rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

SCALES: Final = tuple(Fraction(*scale) for scale in ((1, 1), (3, 4), (1, 2), (3, 8), (1, 4)))
"""Of width and height, by 3/4 and 2/3 in turns, as libwebrtc's video_adapter.cc does: most sizes stay whole."""

SLOWEST: Final = ((640 * 480, 10.0), (320 * 240, 7.0))
"""Up to so many pixels the frame rate falls so low; larger pictures keep at least LARGE_SLOWEST."""

LARGE_SLOWEST: Final = 15.0
STEP: Final = Fraction(2, 3)
"""From one frame rate to the next lower one."""

SMALLEST: Final = 160 * 90
"""Pixels: a smaller picture shows nothing."""

MIN_BITS_PER_PIXEL: Final = 0.02
"""Below it the picture gets too coarse: x264's ultrafast then gives the test pattern, which is as busy as a real scene,
less than 36 dB (measured at 1280x720)."""

UP_BITS_PER_PIXEL: Final = 0.03
"""What the next higher rung must have before it is taken: half as much again, or it would not last."""

DOWN_AFTER: Final = 0.5
"""Seconds that the bitrate must be too low: x264's pictures vary as much."""

UP_AFTER: Final = 5.0
"""Seconds that the bitrate must suffice for more, and between two steps up."""

BACK_OFF: Final = 2.0
MAX_UP_AFTER: Final = 60.0
"""Each rung that did not last makes the next step up wait longer by BACK_OFF, up to this: so there are at most a few
changes a minute however the network swings."""

LASTED: Final = 30.0
"""Seconds on a rung after which it counts as one that lasts."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A scale of the camera's width and height, and frames per second."""

    scale: Fraction
    fps: float


def rungs(width: int, height: int, fps: float) -> tuple[Rung, ...]:
    """From the best down; each has a frame rate or a size below the one before, and nothing above it."""
    found = [Rung(SCALES[0], fps)]
    for scale in SCALES:
        pixels = width * height * float(scale) ** 2
        if scale != 1 and pixels < SMALLEST:
            break
        if found[-1].scale != scale:
            found.append(Rung(scale, found[-1].fps))
        slowest = _slowest(pixels)
        while found[-1].fps > slowest:
            found.append(Rung(scale, max(float(found[-1].fps * STEP), slowest)))
    return tuple(found)


def _slowest(pixels: float) -> float:
    return min((fps for most, fps in SLOWEST if pixels <= most), default=LARGE_SLOWEST)


class QualityLadder:
    """Goes down and up between the rungs of a camera of this size (pixels) and rate (frames per second).

    Down at once as far as the bitrate demands, when it has demanded it for DOWN_AFTER; up one rung at a time.
    """

    def __init__(self, width: int, height: int, fps: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rungs = rungs(width, height, fps)
        self._costs = tuple(width * height * float(rung.scale) ** 2 * rung.fps for rung in self._rungs)
        self._clock = clock
        self._index = 0
        self._too_low_since: float | None = None
        self._enough_since: float | None = None
        self._up_after = UP_AFTER
        self._changed_at = clock() - LASTED

    @property
    def rung(self) -> Rung:
        """The one in force."""
        return self._rungs[self._index]

    def choose(self, bitrate: int, *, at_once: bool = False) -> Rung:
        """The rung for this many bits per second; to be called now and then, whether they change or not.

        `at_once` is for a bitrate that collapsed: a keyframe is due anyway.
        """
        now = self._clock()
        if bitrate < self._costs[self._index] * MIN_BITS_PER_PIXEL:
            self._enough_since = None
            self._too_low_since = now if self._too_low_since is None else self._too_low_since
            if at_once or now - self._too_low_since >= DOWN_AFTER:
                self._go_down(bitrate, now)
        else:
            self._too_low_since = None
            self._consider_up(bitrate, now)
        return self.rung

    def _go_down(self, bitrate: int, now: float) -> None:
        below = range(self._index + 1, len(self._rungs))
        fitting = (index for index in below if bitrate >= self._costs[index] * MIN_BITS_PER_PIXEL)
        index = next(fitting, len(self._rungs) - 1)
        if index != self._index:
            lasted = now - self._changed_at >= LASTED
            self._up_after = UP_AFTER if lasted else min(self._up_after * BACK_OFF, MAX_UP_AFTER)
            self._change(index, now)

    def _consider_up(self, bitrate: int, now: float) -> None:
        if self._index == 0 or bitrate < self._costs[self._index - 1] * UP_BITS_PER_PIXEL:
            self._enough_since = None
            return
        if self._enough_since is None:
            self._enough_since = now
        if now - max(self._enough_since, self._changed_at) >= self._up_after:
            self._change(self._index - 1, now)

    def _change(self, index: int, now: float) -> None:
        self._index, self._changed_at = index, now
        self._too_low_since = None
