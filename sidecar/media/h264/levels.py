"""H.264 profile and level (ITU-T H.264, annex A)."""

from __future__ import annotations

from math import ceil, isqrt
from typing import Final, NamedTuple

from sidecar.contract.errors import EncoderFailedError

_MACROBLOCK: Final = 16
"""The side of a macroblock, in pixels."""

_CONSTRAINED_BASELINE: Final = "42e0"
"""profile_idc and profile-iop of a profile-level-id (RFC 6184, 8.1)."""


class Level(NamedTuple):
    """A row of Table A-1: macroblocks per second, macroblocks per frame, bits per second (Baseline profile)."""

    level_idc: int
    max_macroblocks_per_second: int
    max_macroblocks: int
    max_bitrate: int

    @property
    def name(self) -> str:
        """The name that people and x264 use, for example 3.1."""
        return f"{self.level_idc // 10}.{self.level_idc % 10}"

    @property
    def profile_level_id(self) -> str:
        """The profile-level-id of constrained baseline at this level (RFC 6184, 8.1)."""
        return f"{_CONSTRAINED_BASELINE}{self.level_idc:02x}"

    @property
    def max_side(self) -> int:
        """The longest side of a picture, in pixels (A.3.1, items f and g)."""
        return _MACROBLOCK * isqrt(8 * self.max_macroblocks)

    def max_pixels(self, fps: float) -> float:
        """Return the largest picture at `fps` frames per second, in pixels, before rounding to whole macroblocks."""
        macroblocks = min(self.max_macroblocks, self.max_macroblocks_per_second / max(fps, 1.0))
        return _MACROBLOCK**2 * macroblocks

    def allows(self, width: int, height: int, fps: float, bitrate: int = 0) -> bool:
        """Return whether the level allows this size (pixels), frame rate and bitrate (bits per second)."""
        macroblocks = ceil(width / _MACROBLOCK) * ceil(height / _MACROBLOCK)
        return (
            macroblocks <= self.max_macroblocks
            and max(width, height) <= self.max_side
            and macroblocks * fps <= self.max_macroblocks_per_second
            and bitrate <= self.max_bitrate
        )


# From 3.1 up: profile-level-id 42e01f is the one that every WebRTC peer implements (RFC 7742, section 6.2).
LEVELS: Final[tuple[Level, ...]] = (
    Level(31, 108_000, 3_600, 14_000_000),
    Level(32, 216_000, 5_120, 20_000_000),
    Level(40, 245_760, 8_192, 20_000_000),
    Level(41, 245_760, 8_192, 50_000_000),
    Level(42, 522_240, 8_704, 50_000_000),
    Level(50, 589_824, 22_080, 135_000_000),
    Level(51, 983_040, 36_864, 240_000_000),
    Level(52, 2_073_600, 36_864, 240_000_000),
    Level(60, 4_177_920, 139_264, 240_000_000),
    Level(61, 8_355_840, 139_264, 480_000_000),
    Level(62, 16_711_680, 139_264, 800_000_000),
)

DECODED_LEVEL: Final = next(level for level in LEVELS if level.level_idc == 52)
"""The highest level that browsers decode: Chromium shows no picture above level 5.2."""


def level_for(width: int, height: int, fps: float, bitrate: int = 0) -> Level:
    """Return the lowest level of 3.1 and above that allows this picture. Raises EncoderFailedError without one."""
    for level in LEVELS:
        if level.allows(width, height, fps, bitrate):
            return level
    raise EncoderFailedError(
        f"No H.264 level allows {width}x{height} at {fps:g} frames per second.",
        details={"width": width, "height": height, "fps": fps},
    )
