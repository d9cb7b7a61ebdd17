"""H.264 profile and level (ITU-T H.264, annex A)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isqrt

from sidecar.contract.errors import EncoderFailedError


@dataclass(frozen=True, slots=True)
class Level:
    """A row of Table A-1: macroblocks per second, macroblocks per frame, bits per second (Baseline profile)."""

    level_idc: int
    max_macroblocks_per_second: int
    max_macroblocks: int
    max_bitrate: int

    @property
    def name(self) -> str:
        """As people and x264 write it: 3.1."""
        return f"{self.level_idc // 10}.{self.level_idc % 10}"


# From 3.1 up: profile-level-id 42e01f is the one that every WebRTC peer implements (RFC 7742, section 6.2).
LEVELS: tuple[Level, ...] = (
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


def level_for(width: int, height: int, fps: float, bitrate: int = 0) -> Level:
    """The lowest level, 3.1 at least, that allows this picture, rate and bitrate; EncoderFailedError if none does."""
    columns, rows = ceil(width / 16), ceil(height / 16)
    macroblocks = columns * rows
    for level in LEVELS:
        longest_side = isqrt(8 * level.max_macroblocks)  # A.3.1, items f and g
        if (
            macroblocks <= level.max_macroblocks
            and max(columns, rows) <= longest_side
            and macroblocks * fps <= level.max_macroblocks_per_second
            and bitrate <= level.max_bitrate
        ):
            return level
    raise EncoderFailedError(
        f"No H.264 level allows {width}x{height} at {fps:g} frames per second.",
        details={"width": width, "height": height, "fps": fps},
    )


def profile_level_id(width: int, height: int, fps: float, bitrate: int = 0) -> str:
    """The SDP's profile-level-id (RFC 6184, section 8.1): constrained baseline, the level that fits."""
    return f"42e0{level_for(width, height, fps, bitrate).level_idc:02x}"
