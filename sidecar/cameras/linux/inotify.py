"""Hot-plug events from the device nodes in /dev, by inotify(7).

The source of events is the nodes and not udev, because containers and small systems have nodes without udev. A new
group or mode, which udev sets a moment after a node was created, is an event too.
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
"""The largest number of buffers that one `take` reads, so that a program that changes /dev all the time cannot block
the event loop."""


class DeviceNodeEvents:
    """The events of nodes in `folder` whose name starts with `prefix`: created, removed or changed."""

    def __init__(
        self, folder: str = "/dev", prefix: str = "video", *, buffer: int = BUFFER, reads_at_once: int = READS_AT_ONCE
    ) -> None:
        """Start to watch. Raises OSError where the folder cannot be watched.

        One `take` reads `reads_at_once` buffers of `buffer` bytes at most.
        """
        self._buffer = buffer
        self._reads_at_once = reads_at_once
        self._prefix = prefix.encode()
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = _checked(libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        try:
            _checked(libc.inotify_add_watch(self._descriptor, os.fsencode(folder), WATCHED | IN_ONLYDIR))
        except OSError:
            self.close()
            raise

    def fileno(self) -> int:
        """Return a descriptor that is readable when `take` has an event."""
        return self._descriptor

    def take(self) -> bool:
        """Return whether the cameras must be listed again: a node has an event, or the kernel has dropped events.

        Raises OSError when there will be no more events, because the folder was removed or unmounted.
        """
        due = False
        for _ in range(self._reads_at_once):
            try:
                data = os.read(self._descriptor, self._buffer)
            except BlockingIOError:
                break
            due = self._concerns_cameras(data) or due
        return due

    def close(self) -> None:
        """Stop watching and close the descriptor."""
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
