"""One bitrate for one encoder with many viewers."""

from __future__ import annotations

from dataclasses import dataclass, field

from sidecar.sessions.limits import BITRATE_FLOOR

BITS_PER_PIXEL = 0.09
"""What x264's fastest presets need for a camera's picture without visible blocks: 2.5 Mbit/s at 1280x720, 30 fps."""

HEADROOM = 1.6
"""How far a good link may raise the bitrate above the one chosen for the picture's size."""


def default_bitrate(width: int, height: int, fps: float) -> int:
    """Bits per second that suit a picture of this size (pixels) and rate (frames per second)."""
    return round(min(max(width * height * fps * BITS_PER_PIXEL, 300_000), 12_000_000))


@dataclass
class BitrateTarget:
    """The bitrate aimed at: what was asked for until receivers say what they can take, never above `maximum`.

    All figures are in bits per second. The slowest viewer decides, for there is one encoding for all of them.
    """

    wanted: int
    maximum: int
    _estimates: dict[object, int] = field(default_factory=dict)

    @classmethod
    def choose(cls, bitrate: int | None, maximum: int | None, default: int) -> BitrateTarget:
        """From what was asked for, if anything; a bitrate that was asked for is not exceeded unless that was, too."""
        if maximum is None:
            maximum = bitrate if bitrate is not None else round(default * HEADROOM)
        return cls(min(bitrate if bitrate is not None else default, maximum), maximum)

    def change(self, bitrate: int | None, maximum: int | None) -> None:
        """Take new wishes; None leaves one as it is. Estimates of before the change say nothing about it."""
        if maximum is not None:
            self.maximum = maximum
        if bitrate is not None:
            self.wanted = bitrate
            self.maximum = self.maximum if maximum is not None else max(self.maximum, bitrate)
            self._estimates.clear()
        self.wanted = min(self.wanted, self.maximum)

    def estimated(self, viewer: object, bitrate: int) -> None:
        """A viewer's link carries this much."""
        self._estimates[viewer] = bitrate

    def forget(self, viewer: object) -> None:
        """A viewer is gone."""
        self._estimates.pop(viewer, None)

    @property
    def value(self) -> int:
        """The bitrate to encode with."""
        if not self._estimates:
            return self.wanted
        return max(min([*self._estimates.values(), self.maximum]), min(BITRATE_FLOOR, self.maximum))
