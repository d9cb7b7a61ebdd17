"""The cameras of Windows, as libavdevice's dshow lists them. A camera's id is its device path, which names the port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import av
import av.logging

from sidecar.cameras.device import Device, Format
from sidecar.cameras.libavdevice import LOG_LEVEL_LOCK, VideoInput, listed_device

MAX_FORMATS = 512
"""Formats that are listed of one camera."""

_OPTION = re.compile(
    r"(?P<kind>pixel_format|vcodec)=(?P<name>\S+)\s+min s=(?P<low_width>\d+)x(?P<low_height>\d+) fps=(?P<slow>[\d.]+)"
    r"\s+max s=(?P<width>\d+)x(?P<height>\d+) fps=(?P<fast>[\d.]+)"
)


def devices(found: Sequence[VideoInput]) -> tuple[Device, ...]:
    """Return the devices, each with its formats."""
    return tuple(
        listed_device(f"dshow:{path}", name, path, index, _query_formats(path))
        for index, (path, name) in enumerate(found)
    )


def formats_in_log(lines: Iterable[str]) -> tuple[Format, ...]:
    """Return the formats in the log of dshow's list_options: the largest size of each range at its fastest rate."""
    found: dict[Format, None] = {}
    for line in lines:
        match = _OPTION.search(line)
        if match is not None:
            size = int(match["width"]), int(match["height"])
            found[Format(*size, round(float(match["fast"]), 3), match["name"])] = None
    return tuple(found)[:MAX_FORMATS]


def _query_formats(path: str) -> tuple[Format, ...]:
    """Return the formats of a device, which dshow writes to its log only."""
    with LOG_LEVEL_LOCK:
        av.logging.set_level(av.logging.INFO)
        try:
            with av.logging.Capture() as log:
                try:
                    av.open(f"video={path}", format="dshow", options={"list_options": "true"}).close()
                except av.FFmpegError:  # list_options always ends with an error
                    return formats_in_log("".join(message for _, _, message in log).splitlines())
        finally:
            av.logging.set_level(None)
    return ()
