"""Opening a camera of macOS through libavdevice, which takes only sizes and rates that the camera names.

It names them nowhere but in its log, when it refuses others; so the first attempt says what there is.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

import av
import av.logging
from av.container import InputContainer

from sidecar.cameras.device import Format, RequestedFormat, nearest_format

PIXEL_FORMAT = "nv12"  # what Apple's cameras deliver; libavdevice takes another when a camera has no such
_MODE = re.compile(r"(\d+)x(\d+)@\[(\d+\.?\d*) +(\d+\.?\d*)\]fps")
log_level = threading.Lock()
"""Held by whoever changes the level of libav's log, which counts for the whole process."""


def open_container(index: str, requested: RequestedFormat) -> InputContainer:
    """The camera at `index` of the system's list, at the nearest mode it has. Raises av.FFmpegError."""
    width, height = requested.size()
    with log_level:
        av.logging.set_level(av.logging.ERROR)
        try:
            with av.logging.Capture() as log:
                try:
                    return _open(index, Format(width, height, requested.rate(), PIXEL_FORMAT))
                except av.FFmpegError:
                    chosen = nearest_format(modes((message for _, _, message in log), requested.rate()), requested)
                    if chosen is None:
                        raise
            return _open(index, chosen)
        finally:
            av.logging.set_level(None)


def modes(log: Iterable[str], rate: float) -> tuple[Format, ...]:
    """The modes named in libavdevice's log, each at the rate nearest to `rate` that it has."""
    found = []
    for width, height, slowest, fastest in _MODE.findall(" ".join(log)):
        fps = min(max(rate, float(slowest)), float(fastest))
        found.append(Format(int(width), int(height), fps, PIXEL_FORMAT))
    return tuple(found)


def _open(index: str, wanted: Format) -> InputContainer:
    options = {
        "pixel_format": wanted.pixel_format,
        "video_size": f"{wanted.width}x{wanted.height}",
        "framerate": f"{wanted.fps:.6f}",
        "drop_late_frames": "1",
    }
    return av.open(f"{index}:none", format="avfoundation", options=options)
