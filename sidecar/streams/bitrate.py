"""The target bitrate of an encoder that serves several links."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

BITS_PER_PIXEL: Final = 0.09
"""The bits per pixel that x264's fastest presets need for a camera's picture without visible blocks: 2.5 Mbit/s at
1280x720 and 30 frames per second."""

HEADROOM: Final = 1.6
"""The factor by which a good link may raise the bitrate above the default for the picture's size."""

FLOOR: Final = 100_000
"""The lowest target in bits per second, however low a receiver's estimate: at a lower one no
size gives a recognisable picture."""

SPLIT: Final = 0.5
JOIN: Final = 0.75
"""A link becomes narrow when its capacity is below SPLIT of the best subscription's bitrate, and stays narrow until it
reaches JOIN of that bitrate."""

NARROW_AT_LEAST: Final = 10.0
"""The seconds for which a narrow link stays narrow: each change of rendition costs a keyframe."""


def default_bitrate(width: int, height: int, fps: float) -> int:
    """Return the bitrate for a picture of this size (pixels) and rate (frames per second), in bits per second."""
    return round(min(max(width * height * fps * BITS_PER_PIXEL, 300_000), 12_000_000))


@dataclass
class BitrateTarget:
    """The wanted and the maximum bitrate of a stream, in bits per second.

    `wanted` holds until the receivers' links are known; `maximum` is never exceeded. `is_default`: both follow the
    picture's size, because no client has asked for a bitrate.
    """

    wanted: int
    maximum: int
    is_default: bool = False

    @classmethod
    def choose(cls, bitrate: int | None, maximum: int | None, default: int) -> BitrateTarget:
        """Return the target for a client's request; None stands for a figure that was not requested.

        A requested bitrate is also the maximum, unless a higher maximum was requested.
        """
        is_default = bitrate is None and maximum is None
        if maximum is None:
            maximum = bitrate if bitrate is not None else round(default * HEADROOM)
        return cls(min(bitrate if bitrate is not None else default, maximum), maximum, is_default)

    def follow_default(self, default: int) -> None:
        """Take on the default bitrate of another picture size, unless a client has asked for a bitrate."""
        if self.is_default:
            self.wanted, self.maximum = default, round(default * HEADROOM)

    def change(self, bitrate: int | None, maximum: int | None) -> None:
        """Take on a client's request; None leaves a figure as it is."""
        self.is_default = self.is_default and bitrate is None and maximum is None
        if maximum is not None:
            self.maximum = maximum
        if bitrate is not None:
            self.wanted = bitrate
            self.maximum = self.maximum if maximum is not None else max(self.maximum, bitrate)
        self.wanted = min(self.wanted, self.maximum)

    def value(self, capacities: Iterable[int]) -> int:
        """Return the bitrate to encode for links of these known capacities: the slowest link decides."""
        known = tuple(capacities)
        if not known:
            return self.wanted
        return max(min(*known, self.maximum), min(FLOOR, self.maximum))


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
