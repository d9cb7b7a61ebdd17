"""One bitrate for one encoder with many viewers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sidecar.limits import BITRATE_FLOOR

BITS_PER_PIXEL = 0.09
"""What x264's fastest presets need for a camera's picture without visible blocks: 2.5 Mbit/s at 1280x720, 30 fps."""

HEADROOM = 1.6
"""How far a good link may raise the bitrate above the one chosen for the picture's size."""


def default_bitrate(width: int, height: int, fps: float) -> int:
    """Bits per second that suit a picture of this size (pixels) and rate (frames per second)."""
    return round(min(max(width * height * fps * BITS_PER_PIXEL, 300_000), 12_000_000))


SPLIT = 0.5
JOIN = 0.75
"""A link that carries less than SPLIT of what the best viewer gets is narrow, until it carries JOIN of it."""

NARROW_AT_LEAST = 10.0
"""Seconds for which a link stays narrow once it is: to change over costs a keyframe."""


@dataclass
class BitrateTarget:
    """The bitrate aimed at: what was asked for until receivers say what they can take, never above `maximum`.

    All figures are in bits per second. `is_default`: nobody has asked for any.
    """

    wanted: int
    maximum: int
    is_default: bool = False

    @classmethod
    def choose(cls, bitrate: int | None, maximum: int | None, default: int) -> BitrateTarget:
        """From what was asked for, if anything; a bitrate that was asked for is not exceeded unless that was, too."""
        is_default = bitrate is None and maximum is None
        if maximum is None:
            maximum = bitrate if bitrate is not None else round(default * HEADROOM)
        return cls(min(bitrate if bitrate is not None else default, maximum), maximum, is_default)

    def suit(self, default: int) -> None:
        """The picture is another, for which this is the default."""
        if self.is_default:
            self.wanted, self.maximum = default, round(default * HEADROOM)

    def change(self, bitrate: int | None, maximum: int | None) -> None:
        """Take new wishes; None leaves one as it is."""
        self.is_default = self.is_default and bitrate is None and maximum is None
        if maximum is not None:
            self.maximum = maximum
        if bitrate is not None:
            self.wanted = bitrate
            self.maximum = self.maximum if maximum is not None else max(self.maximum, bitrate)
        self.wanted = min(self.wanted, self.maximum)

    def value(self, links: Iterable[int]) -> int:
        """The bitrate to encode with for viewers whose links carry so much, as far as is known: the slowest decides."""
        known = tuple(links)
        if not known:
            return self.wanted
        return max(min(*known, self.maximum), min(BITRATE_FLOOR, self.maximum))


class NarrowLink:
    """Decides whether the link of one subscription is narrow, with hysteresis (SPLIT, JOIN, NARROW_AT_LEAST)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._narrow_since: float | None = None

    def is_narrow(self, capacity: int | None, best: int) -> bool:
        """Return whether the link has far less capacity than the best subscription's bitrate, in bits per second.

        An unknown capacity (None) is not narrow, and neither is the best link itself.
        """
        since = self._narrow_since
        if capacity is None or capacity >= best:
            narrow = False
        elif since is None:
            narrow = capacity < best * SPLIT
        else:
            narrow = capacity < best * JOIN or self._clock() - since < NARROW_AT_LEAST
        if not narrow:
            self._narrow_since = None
        elif since is None:
            self._narrow_since = self._clock()
        return narrow
