"""Listing and opening cameras with FFmpeg's libavdevice: the part that all systems share."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import av
import av.logging
from av.container import InputContainer
from av.device import enumerate_input_devices

from sidecar.cameras.device import Device, Format, RequestedFormat, nearest_format

LOG_LEVEL_LOCK = threading.Lock()
"""Held while the level of libav's log is changed, which is one for the whole process."""


class VideoInput(NamedTuple):
    """A device as libavdevice lists it: its name for opening, and its name for a person."""

    name: str
    description: str


def video_inputs(input_format: str) -> tuple[VideoInput, ...]:
    """Return the video devices of an input format of FFmpeg ("dshow"). No camera is started, so no light goes on."""
    with LOG_LEVEL_LOCK:
        try:
            found = enumerate_input_devices(input_format)
        except av.FFmpegError:  # dshow's answer when there is no device
            return ()
    return tuple(VideoInput(each.name, each.description) for each in found if "video" in each.media_types)


def listed_device(device_id: str, name: str, address: str, index: int, formats: tuple[Format, ...] = ()) -> Device:
    """Return a device that libavdevice lists."""
    return Device(
        device_id=device_id,
        name=name,
        description=name,
        kind="camera",
        is_available=True,  # macOS and Windows report it only when the camera is opened
        formats=formats,
        platform=sys.platform,
        address=address,
        index=index,
    )


def open_nearest(
    url: str,
    input_format: str,
    device: Device,
    requested: RequestedFormat,
    pixel_format_options: Callable[[str], dict[str, str]],
) -> InputContainer:
    """Open a device at that of its formats that is nearest to `requested`. Raises av.FFmpegError.

    `pixel_format_options` returns the options of the input format that choose a pixel format or codec.
    """
    chosen = nearest_format(device.formats, requested)
    options = {"probesize": "32", "analyzeduration": "0", "fpsprobesize": "0"}  # the driver has reported the format
    if chosen is not None:
        options["video_size"] = f"{chosen.width}x{chosen.height}"
        options["framerate"] = str(Fraction(chosen.fps).limit_denominator(1001))
        options |= pixel_format_options(chosen.pixel_format)
    return av.open(url, format=input_format, options=options)
