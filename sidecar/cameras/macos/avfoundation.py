"""The cameras of macOS, through libavdevice's avfoundation.

libavdevice lists only names, so a camera's id is its name, with its number among the cameras of that name. It opens a
camera only at a size and frame rate that the camera offers, and names these only in the log of a refused opening: the
first attempt finds out the modes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import av
import av.logging
from av.container import InputContainer

from sidecar.cameras.device import Device, Format, RequestedFormat, nearest_format
from sidecar.cameras.libavdevice import LOG_LEVEL_LOCK, VideoInput, listed_device

PIXEL_FORMAT = "nv12"  # of Apple's cameras; libavdevice takes another one when a camera does not offer it
_MODE = re.compile(r"(\d+)x(\d+)@\[(\d+\.?\d*) +(\d+\.?\d*)\]fps")


def devices(found: Sequence[VideoInput]) -> tuple[Device, ...]:
    """Return the cameras; the screens that avfoundation lists among them are left out."""
    seen: Counter[str] = Counter()
    cameras = []
    for index, name in found:
        if re.fullmatch(r"Capture screen \d+", name):
            continue
        seen[name] += 1
        twin = f"#{seen[name]}" if seen[name] > 1 else ""
        cameras.append(listed_device(f"avfoundation:{name}{twin}", name, index, int(index)))
    return tuple(cameras)


def open_container(index: str, requested: RequestedFormat) -> InputContainer:
    """Open the camera at `index` of the system's list at its nearest mode. Raises av.FFmpegError."""
    width, height = requested.size()
    with LOG_LEVEL_LOCK:
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
    """Return the modes named in libavdevice's log, each at its frame rate nearest to `rate`."""
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
