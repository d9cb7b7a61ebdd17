"""The bounds of the contract's numbers. Plain constants, so that every room can use them without pydantic."""

from __future__ import annotations

from typing import Final

MIN_BITRATE: Final = 50_000
MAX_BITRATE: Final = 50_000_000
"""Bits per second of an encoding."""

MIN_FPS: Final = 1
MAX_FPS: Final = 240
"""Frames per second that a client can ask for."""

MIN_STATS_INTERVAL_MS: Final = 100
"""Milliseconds between two stats notifications; shorter intervals count as this one."""

MIN_SIDE: Final = 16
MAX_WIDTH: Final = 7680
MAX_HEIGHT: Final = 4320
"""Pixels of a format that a client can ask for: the smallest width and height, and the largest (8K UHD)."""

MAX_PHOTO_BYTES: Final = 6 * 1024 * 1024
"""The largest photo. In base64 it takes a line of 8 MiB, as long as the longest request that the sidecar reads."""
