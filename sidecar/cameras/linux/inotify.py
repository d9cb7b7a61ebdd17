"""Which device nodes come, go and change, as the kernel tells it: inotify(7) on /dev.

The nodes themselves are watched, not udev: they are there in containers and small systems too, and a new group or mode,
which udev gives them a moment later, is told as well.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from typing import Final

assert sys.platform == "linux"

IN_ATTRIB, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x004, 0x040, 0x080, 0x100, 0x200
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
IN_ONLYDIR = 0x01000000
WATCHED: Final = IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE

HEADER: Final = struct.Struct("iIII")  # struct inotify_event: watch, mask, cookie, length of the name after it
BUFFER: Final = 64 * 1024
READS_AT_ONCE: Final = 16
"""Buffers read in one go at most; whoever changes /dev faster keeps nobody else from running."""


class DeviceNodeEvents:
    """Says when a node whose name starts with `prefix` came, went or changed in `folder`."""

    def __init__(self, folder: str = "/dev", prefix: str = "video") -> None:
        """Raises OSError where the folder cannot be watched."""
        self._prefix = prefix.encode()
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = _checked(libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        try:
            _checked(libc.inotify_add_watch(self._descriptor, os.fsencode(folder), WATCHED | IN_ONLYDIR))
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """A descriptor that is readable when there is something to `take`."""
        return self._descriptor

    def take(self) -> bool:
        """Whether a look at the cameras is due: something happened to one, or so much that events were lost.

        Raises OSError when no more events will come, because the folder is gone or mounted anew.
        """
        due = False
        for _ in range(READS_AT_ONCE):
            try:
                data = os.read(self._descriptor, BUFFER)
            except BlockingIOError:
                break
            due = self._concerns_cameras(data) or due
        return due

    def close(self) -> None:
        """Watch no more."""
        os.close(self._descriptor)

    def _concerns_cameras(self, data: bytes) -> bool:
        due, position = False, 0
        while position < len(data):
            _, mask, _, length = HEADER.unpack_from(data, position)
            start = position + HEADER.size
            name = data[start : start + length]
            position = start + length
            if mask & (IN_UNMOUNT | IN_IGNORED):
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            due = due or bool(mask & IN_Q_OVERFLOW) or name.startswith(self._prefix)
        return due


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
