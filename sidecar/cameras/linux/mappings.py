"""Memory of a device that this process has mapped.

libavdevice maps a driver's buffers, and when the stream then does not start (a USB bus without room for a second
camera, for one) closes its descriptor, but leaves them mapped (FFmpeg 8.1, libavdevice/v4l2.c, v4l2_read_header). The
device would stay busy, by us, for as long as the process lives.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from pathlib import Path

assert sys.platform == "linux"

MAPS = Path("/proc/self/maps")

Mapping = tuple[int, int]
"""Its first address, and the first behind it."""


def mappings_of(path: str) -> frozenset[Mapping]:
    """This process's mappings of the file at `path`, also when it is gone by now."""
    names = (path, f"{path} (deleted)")
    found = set()
    for line in MAPS.read_text(errors="replace").splitlines():
        fields = line.split(maxsplit=5)  # proc_pid_maps(5): addresses, rights, offset, device, inode, name
        if len(fields) == 6 and fields[5] in names:
            start, end = (int(address, 16) for address in fields[0].split("-"))
            found.add((start, end))
    return frozenset(found)


def unmap(mappings: Iterable[Mapping]) -> None:
    """Give mappings back that nobody uses any more: whoever does crashes."""
    libc = ctypes.CDLL(None)
    for start, end in mappings:
        libc.munmap(ctypes.c_void_p(start), ctypes.c_size_t(end - start))
