"""The frame rate and the size for a target bitrate: a pure calculation on the caller's clock.

As the bitrate falls, first the quantisation gets coarser, then the frame rate falls, then the size; as it rises, the
same steps are taken back. This is the balanced degradation preference (W3C WebRTC, RTCDegradationPreference), with the
idea of libwebrtc's balanced_degradation_settings.cc that a smaller picture looks well at a lower frame rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

SCALES: Final = tuple(Fraction(*scale) for scale in ((1, 1), (3, 4), (1, 2), (3, 8), (1, 4)))
"""The factors of width and height, by 3/4 and 2/3 in turns as in libwebrtc's video_adapter.cc: most sizes are whole."""

SLOWEST: Final = ((640 * 480, 10.0), (320 * 240, 7.0))
"""The lowest frame rates for pictures of at most this number of pixels; larger pictures have LARGE_SLOWEST."""

LARGE_SLOWEST: Final = 15.0
STEP: Final = Fraction(2, 3)
"""The factor from one frame rate to the next lower one."""

SMALLEST: Final = 160 * 90
"""The smallest size of a rung in pixels: a smaller picture is not recognisable."""

MIN_BITS_PER_PIXEL: Final = 0.02
"""The bits per pixel below which a lower rung is taken: x264's ultrafast preset then encodes the test pattern, which is
as busy as a real scene, with less than 36 dB (measured at 1280x720)."""

UP_BITS_PER_PIXEL: Final = 0.03
"""The bits per pixel that the next higher rung needs before it is taken: half as many again, so that it lasts."""

DOWN_AFTER: Final = 0.5
"""The seconds for which the bitrate must be too low before a step down: x264's output rate varies for as long."""

UP_AFTER: Final = 5.0
"""The seconds for which the bitrate must suffice for the next rung, and the seconds between two steps up."""

BACK_OFF: Final = 2.0
MAX_UP_AFTER: Final = 60.0
"""Each rung that did not last multiplies UP_AFTER by BACK_OFF, up to MAX_UP_AFTER: at most a few changes happen in a
minute, however the network swings."""

LASTED: Final = 30.0
"""The seconds after which a rung counts as one that lasted."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A scale of the camera's width and height, and frames per second."""

    scale: Fraction
    fps: float


def rungs(width: int, height: int, fps: float) -> tuple[Rung, ...]:
    """Return the rungs from the best down; each has a lower frame rate or a smaller size, and raises neither."""
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
    """The present rung of a camera with this size (pixels) and rate (frames per second).

    A step down goes as far as the bitrate demands, after DOWN_AFTER seconds; a step up goes one rung.
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
        """The present rung."""
        return self._rungs[self._index]

    def choose(self, bitrate: int, *, at_once: bool = False) -> Rung:
        """Return the rung for this target bitrate, in bits per second; call it regularly, also for the same bitrate.

        `at_once` steps down without a wait, after a collapse of the bitrate: a keyframe is due anyway.
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
