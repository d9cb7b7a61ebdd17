"""Which program holds a device, as far as /proc tells."""

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
    """Another process that has the device open; None when there is none, or it belongs to another user.

    One that has its buffers mapped comes first: it streams, while others may only look (as sound servers do).
    """
    target = os.path.realpath(path)
    pids = [pid for pid in _processes() if pid != os.getpid() and _has_open(pid, target)]
    pids.sort(key=lambda pid: not _has_mapped(pid, target))
    for pid in pids:
        with contextlib.suppress(OSError):
            return Holder((PROC / str(pid) / "comm").read_text(errors="replace").strip(), pid)
    return None


def held_by_us(path: str) -> bool:
    """Whether this process has the device open, for more than a question."""
    return bool(own_descriptors(path))


def own_descriptors(path: str) -> frozenset[int]:
    """This process's descriptors of the device, but those that only ask (v4l2.QUESTION)."""
    return frozenset(found for found in _descriptors(os.getpid(), os.path.realpath(path)) if not _asks(found))


def _asks(descriptor: int) -> bool:
    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & v4l2.QUESTION)
    except OSError:  # closed meanwhile
        return True


def _processes() -> list[int]:
    return sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _descriptors(pid: int, target: str) -> list[int]:
    """The descriptors of a process that are `target`; none when it is gone or may not be looked at."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(PROC / str(pid) / "fd"):
            with contextlib.suppress(OSError):
                if os.readlink(entry.path) == target:  # noqa: PTH115 - a Path for each descriptor costs ten times as much
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
