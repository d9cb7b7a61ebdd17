"""The cameras of macOS and Windows, as libavdevice lists them.

On Windows a camera's id is the device path, which names the port. On macOS libavdevice tells only names, so the id is
the name, and its number among cameras of that name.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

import av
import av.logging
from av.device import enumerate_input_devices

from sidecar.cameras.device import Device, Format
from sidecar.cameras.macos.avfoundation import log_level

MAX_FORMATS = 512
_OPTION = re.compile(
    r"(?P<kind>pixel_format|vcodec)=(?P<name>\S+)\s+min s=(?P<low_width>\d+)x(?P<low_height>\d+) fps=(?P<slow>[\d.]+)"
    r"\s+max s=(?P<width>\d+)x(?P<height>\d+) fps=(?P<fast>[\d.]+)"
)


def list_cameras() -> tuple[Device, ...]:
    """Every camera of the system; starts none, so no light goes on."""
    if sys.platform == "win32":
        return windows_devices([(found.name, found.description) for found in _video_inputs("dshow")])
    return macos_devices([(found.name, found.description) for found in _video_inputs("avfoundation")])


def fingerprint() -> object:
    """Changes when a camera comes or goes."""
    name = "dshow" if sys.platform == "win32" else "avfoundation"
    return tuple((found.name, found.description) for found in _video_inputs(name))


def _video_inputs(format_name: str) -> list[av.DeviceInfo]:
    with log_level:
        try:
            found = enumerate_input_devices(format_name)
        except av.FFmpegError:  # so dshow says that there are none
            return []
    return [device for device in found if "video" in device.media_types]


def macos_devices(found: Sequence[tuple[str, str]]) -> tuple[Device, ...]:
    """Devices from (index, name); screens, which avfoundation lists among the cameras, are left out."""
    seen: Counter[str] = Counter()
    devices = []
    for index, name in found:
        if re.fullmatch(r"Capture screen \d+", name):
            continue
        seen[name] += 1
        twin = f"#{seen[name]}" if seen[name] > 1 else ""
        devices.append(_device(f"avfoundation:{name}{twin}", name, "darwin", index, int(index), ()))
    return tuple(devices)


def windows_devices(found: Sequence[tuple[str, str]]) -> tuple[Device, ...]:
    """Devices from (device path, name)."""
    return tuple(
        _device(f"dshow:{path}", name, "win32", path, index, _ask_formats(path))
        for index, (path, name) in enumerate(found)
    )


def _device(device_id: str, name: str, platform: str, address: str, index: int, formats: tuple[Format, ...]) -> Device:
    return Device(
        device_id=device_id,
        name=name,
        description=name,
        kind="camera",
        is_available=True,  # neither system tells before the camera is opened
        formats=formats,
        platform=platform,
        address=address,
        index=index,
    )


def _ask_formats(path: str) -> tuple[Format, ...]:
    """What dshow says a camera offers, in its log."""
    with log_level:
        av.logging.set_level(av.logging.INFO)
        try:
            with av.logging.Capture() as log:
                try:
                    av.open(f"video={path}", format="dshow", options={"list_options": "true"}).close()
                except av.FFmpegError:  # list_options always ends so
                    return windows_formats("".join(message for _, _, message in log).splitlines())
        finally:
            av.logging.set_level(None)
    return ()


def windows_formats(lines: Iterable[str]) -> tuple[Format, ...]:
    """The formats in the log of dshow's list_options: the largest size of each range at its fastest rate."""
    found: dict[Format, None] = {}
    for line in lines:
        match = _OPTION.search(line)
        if match is not None:
            size = int(match["width"]), int(match["height"])
            found[Format(*size, round(float(match["fast"]), 3), match["name"])] = None
    return tuple(found)[:MAX_FORMATS]
