"""The formats of the test pattern. The listing imports them without the libraries that draw it."""

from __future__ import annotations

from sidecar.cameras.device import Format

SMALLEST, LARGEST = (64, 36), (3840, 2160)
SLOWEST, FASTEST = 1.0, 120.0

FORMATS = tuple(
    Format(width, height, fps, "yuv420p")
    for width, height in ((320, 180), (640, 360), (640, 480), (1280, 720), (1920, 1080), (3840, 2160))
    for fps in (30.0, 60.0)
)
"""The listed formats. Any even size from SMALLEST to LARGEST works, at any rate from SLOWEST to FASTEST.

A combination beyond H.264 level 5.2 is scaled down (geometry.py).
"""
