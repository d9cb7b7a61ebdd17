"""Driver buffers that this process has mapped.

libavdevice maps a driver's buffers. When the stream then does not start, as on a USB bus without bandwidth for a second
camera, libavdevice closes its descriptor but leaves the buffers mapped (FFmpeg 8.1, libavdevice/v4l2.c,
v4l2_read_header). The device would stay busy until the end of this process.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from pathlib import Path

assert sys.platform == "linux"

MAPS = Path("/proc/self/maps")

MappedRange = tuple[int, int]
"""The first address of a mapping, and the first address after it."""


def mappings_of(path: str) -> frozenset[MappedRange]:
    """Return this process's mappings of the file at `path`, even when the file was removed."""
    names = (path, f"{path} (deleted)")
    found = set()
    for line in MAPS.read_text(errors="replace").splitlines():
        fields = line.split(maxsplit=5)  # proc_pid_maps(5): addresses, rights, offset, device, inode, name
        if len(fields) == 6 and fields[5] in names:
            start, end = (int(address, 16) for address in fields[0].split("-"))
            found.add((start, end))
    return frozenset(found)


def unmap(mappings: Iterable[MappedRange]) -> None:
    """Unmap unused mappings. Code that still uses one would crash the process."""
    libc = ctypes.CDLL(None)
    for start, end in mappings:
        libc.munmap(ctypes.c_void_p(start), ctypes.c_size_t(end - start))
