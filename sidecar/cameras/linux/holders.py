"""The programs that have a device open, according to /proc."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from pathlib import Path

from sidecar.cameras.linux import v4l2
from sidecar.cameras.platform import Holder

assert sys.platform == "linux"

PROC = Path("/proc")


def holder_of(path: str) -> Holder | None:
    """Return another process that has the device open, with its name of at most 15 characters.

    None when there is no such process, or only one of another user. A process that has the device's buffers mapped
    comes first: it streams, while others may only query the device, as sound servers do.
    """
    target = os.path.realpath(path)
    pids = [pid for pid in _processes() if pid != os.getpid() and _has_open(pid, target)]
    pids.sort(key=lambda pid: not _has_mapped(pid, target))
    for pid in pids:
        with contextlib.suppress(OSError):
            return Holder((PROC / str(pid) / "comm").read_text(errors="replace").strip(), pid)
    return None


def held_by_us(path: str) -> bool:
    """Return whether this process has the device open for streaming."""
    return bool(own_descriptors(path))


def own_descriptors(path: str) -> frozenset[int]:
    """Return this process's descriptors of the device, without those for queries (v4l2.QUERY_FLAG)."""
    return frozenset(found for found in _descriptors(os.getpid(), os.path.realpath(path)) if not _is_query(found))


def _is_query(descriptor: int) -> bool:
    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & v4l2.QUERY_FLAG)
    except OSError:  # another thread has closed it
        return True


def _processes() -> list[int]:
    return sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _descriptors(pid: int, target: str) -> list[int]:
    """Return the descriptors of a process for `target`; an empty list when the process has ended or is forbidden."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(PROC / str(pid) / "fd"):
            with contextlib.suppress(OSError):
                if os.readlink(entry.path) == target:  # noqa: PTH115 - a Path for each descriptor takes ten times as long
                    found.append(int(entry.name))
    return found


def _has_open(pid: int, target: str) -> bool:
    return bool(_descriptors(pid, target))


def _has_mapped(pid: int, target: str) -> bool:
    with contextlib.suppress(OSError):
        return any(
            line.endswith(target) for line in (PROC / str(pid) / "maps").read_text(errors="replace").splitlines()
        )
    return False
