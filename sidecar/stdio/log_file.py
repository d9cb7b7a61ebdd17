"""The log's files on the disk, which only their owner may read."""

from __future__ import annotations

import contextlib
import os
import stat
import sys

FILE_BYTES = 1024 * 1024
FILES = 5
"""The number of files: the newest, and the full ones before it, path.1 to path.4."""


def prepare(path: str) -> None:
    """Create the log file where it is missing, and remove the rights of other users from the existing files.

    Raises OSError when the log cannot be written, or its rights cannot be changed.
    """
    os.close(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    for number in range(1, FILES):
        with contextlib.suppress(FileNotFoundError):
            os.close(open_private(f"{path}.{number}", os.O_RDONLY))


def open_private(path: str, flags: int) -> int:
    """Return a descriptor of a file that only its owner may read, from its first byte on; an `opener` of `open`.

    On Windows a file has the access rights of its folder, which in a user's profile are the user's alone.
    """
    descriptor = os.open(path, flags, 0o600)
    try:
        if sys.platform != "win32":
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                os.fchmod(descriptor, stat.S_IMODE(mode) & 0o700)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
