"""The bitrate to set in x264 so that its output meets the target."""

from __future__ import annotations

from typing import Final

from sidecar.contract.limits import MAX_BITRATE
from sidecar.encoding.settings import clamp_bitrate

_PERIOD: Final = 1.0  # seconds of video between two measurements of the output
_LARGEST_GAIN: Final = 1.3
_GAP_MEMORY: Final = 8  # pictures
_LONGEST_GAP: Final = 4.0  # times the mean interval: a pause does not make a slow camera
_NOTICEABLE: Final = 0.05
_FALL: Final = 0.95  # a target below this part of the previous one means that the link capacity fell


class RateControl:
    """Calculates x264's bitrate setting from a target in bits per second.

    x264 without delay knows no time stamps: it gives each picture its share at the frame rate that it was opened with.
    So the setting is scaled by the measured interval between pictures. And with a buffer short enough for live video
    x264 leaves up to a fifth of the bitrate unused, so the output is measured and the difference added, as a gain. The
    gain is never below 1, since x264 does not exceed its setting, and bounded, since a still picture needs no bits. It
    is reset when the target falls: too many bits for a thin link cost more than a coarse picture.
    """

    def __init__(self, fps: float, target: int) -> None:
        self._fps = fps
        self._gap = 1 / fps
        self._gain = 1.0
        self._bits = 0
        self._wanted_bits = 0.0
        self._seconds = 0.0
        self._target = clamp_bitrate(target)
        self.encoder_bitrate = self._target
        """The setting for x264, in bits per second; it changes seldom, since each change reconfigures x264."""

    @property
    def target(self) -> int:
        """The target, in bits per second."""
        return self._target

    @target.setter
    def target(self, bits_per_second: int) -> None:
        before, self._target = self._target, clamp_bitrate(bits_per_second)
        if self._target < _FALL * before:
            self._gain = 1.0
            self._begin_period()
        self._update(0.0)

    def set_fps(self, fps: float) -> None:
        """Take on another frame rate; the interval between pictures is measured anew."""
        self._fps, self._gap = fps, 1 / fps
        self._update(0.0)

    def measured(self, bits: int, gap: float) -> None:
        """Count a picture of `bits`, captured `gap` seconds after the previous one."""
        gap = min(gap, _LONGEST_GAP * self._gap)
        self._gap += (gap - self._gap) / _GAP_MEMORY
        self._bits += bits
        self._wanted_bits += self._target * gap
        self._seconds += gap
        if self._seconds >= _PERIOD:
            missed = self._wanted_bits / max(self._bits, 1)
            # Half of a shortfall, in logarithms, since x264 needs about a period to answer; the whole of an excess.
            self._gain = min(max(self._gain * (missed**0.5 if missed > 1 else missed), 1.0), _LARGEST_GAIN)
            self._begin_period()
        self._update(_NOTICEABLE)

    def _begin_period(self) -> None:
        self._bits, self._wanted_bits, self._seconds = 0, 0.0, 0.0

    def _update(self, tolerance: float) -> None:
        wanted = min(self._target * self._gain * self._gap * self._fps, MAX_BITRATE)
        if abs(wanted - self.encoder_bitrate) > tolerance * self.encoder_bitrate:
            self.encoder_bitrate = round(wanted)
