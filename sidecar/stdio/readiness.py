"""Waits for a descriptor that another process made non-blocking: the flag belongs to the pipe they share."""

from __future__ import annotations

import select
import sys
import time

# Bounds one wait, so that its thread looks regularly whether it shall stop.
WAIT_SECONDS = 0.5


def wait_readable(fd: int) -> None:
    """Return when the descriptor may be readable."""
    _wait(fd, for_reading=True)


def wait_writable(fd: int) -> None:
    """Return when the descriptor may be writable."""
    _wait(fd, for_reading=False)


def _wait(fd: int, *, for_reading: bool) -> None:
    if sys.platform == "win32":
        time.sleep(0.01)  # select knows sockets only there
    else:
        select.select([fd] if for_reading else [], [] if for_reading else [fd], [], WAIT_SECONDS)
