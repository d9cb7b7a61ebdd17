"""The formats of a V4L2 device, by FFmpeg's names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction

from sidecar.cameras.device import Format
from sidecar.cameras.linux import v4l2
from sidecar.media.pixel_formats import FRAME_FORMATS

assert sys.platform == "linux"

MAX_FORMATS = 512
"""The largest number of formats that is listed of one camera; formats without conversion come first. Webcams have fewer
than 200."""

STANDARD_SIZES = (
    (160, 120), (320, 180), (320, 240), (424, 240), (640, 360), (640, 480), (800, 600), (960, 540), (1024, 768),
    (1280, 720), (1280, 960), (1920, 1080), (2560, 1440), (3840, 2160),
)  # fmt: skip
STANDARD_RATES = (5, 10, 15, 20, 24, 25, 30, 50, 60, 90, 120)
"""The sizes and frame rates that are listed for a driver with continuous or stepwise ranges."""

PIXEL_FORMATS = {
    "YU12": "yuv420p", "YV12": "yuv420p", "422P": "yuv422p", "YUYV": "yuyv422", "UYVY": "uyvy422", "411P": "yuv411p",
    "YUV9": "yuv410p", "NV12": "nv12", "GREY": "gray", "Y16 ": "gray16le", "BGR3": "bgr24", "RGB3": "rgb24",
    "BGR4": "bgr0", "XR24": "bgr0", "RGBP": "rgb565le", "RGBO": "rgb555le", "MJPG": "mjpeg", "JPEG": "mjpeg",
    "H264": "h264",
}  # fmt: skip
"""FFmpeg's names of the V4L2 pixel formats that libavdevice supports (libavdevice/v4l2-common.c)."""


def query_formats(descriptor: int) -> tuple[Format, ...]:
    """Return the formats of an open device, with up to a thousand calls into its driver."""
    offered: dict[Format, None] = {}
    for fourcc in v4l2.fourccs(descriptor):
        pixel_format = PIXEL_FORMATS.get(fourcc)
        if pixel_format is None:
            continue
        for width, height in _sizes(descriptor, fourcc):
            for fps in _rates(descriptor, fourcc, width, height):
                offered[Format(width, height, fps, pixel_format)] = None
    by_use = sorted(offered, key=lambda offer: offer.pixel_format not in (*FRAME_FORMATS, "mjpeg"))
    return tuple(by_use[:MAX_FORMATS])


def _sizes(descriptor: int, fourcc: str) -> Iterator[tuple[int, int]]:
    for widths, heights in v4l2.frame_sizes(descriptor, fourcc):
        if widths.low == widths.high and heights.low == heights.high:
            yield int(widths.low), int(heights.low)
            continue
        for width, height in STANDARD_SIZES:
            if Fraction(width) in widths and Fraction(height) in heights:
                yield width, height


def _rates(descriptor: int, fourcc: str, width: int, height: int) -> Iterator[float]:
    for intervals in v4l2.frame_intervals(descriptor, fourcc, width, height):
        if intervals.low == intervals.high and intervals.low > 0:
            yield round(float(1 / intervals.low), 3)
            continue
        for rate in STANDARD_RATES:
            if intervals.low <= Fraction(1, rate) <= intervals.high:
                yield float(rate)
