"""Waits for a descriptor that another process has made non-blocking: both processes share the flag of the pipe."""

from __future__ import annotations

import select
import sys
import time

WAIT_SECONDS = 0.5
"""The longest wait, after which the thread checks whether it has been stopped."""


def wait_readable(fd: int) -> None:
    """Return when the descriptor may be readable."""
    _wait(fd, for_reading=True)


def wait_writable(fd: int) -> None:
    """Return when the descriptor may be writable."""
    _wait(fd, for_reading=False)


def _wait(fd: int, *, for_reading: bool) -> None:
    if sys.platform == "win32":
        time.sleep(0.01)  # select accepts only sockets there
    else:
        select.select([fd] if for_reading else [], [] if for_reading else [fd], [], WAIT_SECONDS)
