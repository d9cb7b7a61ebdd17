"""Watches the process that started this one; the end of standard input tells the same, unless a third holds it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

POLL_SECONDS = 1.0


class ParentWatch:
    """Calls `on_death` once, in a thread of its own, soon after the parent process is gone."""

    def __init__(self, on_death: Callable[[], None], *, poll_seconds: float = POLL_SECONDS) -> None:
        self._on_death = on_death
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._is_gone = _parent_check()
        self._thread = threading.Thread(target=self._run, name="parent watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_seconds):
            if self._is_gone():
                self._on_death()
                return


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE = 0x0010_0000
    _WAIT_TIMEOUT = 0x102
    _ERROR_INVALID_PARAMETER = 87

    def _parent_check() -> Callable[[], bool]:
        # A handle, because Windows gives the parent's number to another process once it is free. It lives as long as
        # this process does.
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.OpenProcess.restype = ctypes.c_void_p
        handle = kernel32.OpenProcess(_SYNCHRONIZE, False, os.getppid())
        if not handle:
            # No process has this number; any other error is a parent that this process may not look at.
            is_gone = ctypes.get_last_error() == _ERROR_INVALID_PARAMETER
            return lambda: is_gone
        return lambda: kernel32.WaitForSingleObject(ctypes.c_void_p(handle), 0) != _WAIT_TIMEOUT

else:

    def _parent_check() -> Callable[[], bool]:
        # An orphan gets another parent, init or a subreaper.
        parent = os.getppid()
        return lambda: os.getppid() != parent
