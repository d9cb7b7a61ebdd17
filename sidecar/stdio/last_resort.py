"""Ends the process in time even if its event loop hangs.

Threads beside the event loop's set the deadline. When it has passed, the watchdog of `faulthandler` ends the process: a
thread in C that needs no interpreter lock. Setting the deadline needs that lock, so a C library that holds the lock
without a pause delays the end.
"""

from __future__ import annotations

import faulthandler
import os
import threading
import time

from sidecar.stdio.claim import STDERR

SECONDS = 0.9
"""Seconds from the event that ends the process until its end by force; the system also needs time for the exit."""

REPORT_SECONDS = 0.2
"""Seconds before the end by force at which the stacks of all threads go to stderr; that blocks while stderr is full.

With half of it a busy machine did not run the reporting thread in time.
"""


class LastResort:
    """The deadline of the process, which exits with status 1 when it has passed. Any thread may call the methods.

    `arm` sets a final deadline. `defer` sets a deadline that the next call of `defer` moves: an event loop that still
    handles its input shows by these calls that it runs.
    """

    def __init__(self, seconds: float = SECONDS, report_seconds: float = REPORT_SECONDS) -> None:
        self._seconds = seconds
        self._report_seconds = report_seconds
        # The watchdog writes a report before it exits, and a write to the null device never blocks.
        self._null = os.open(os.devnull, os.O_WRONLY)
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._is_final = False
        self._is_cancelled = False

    def arm(self, seconds: float | None = None) -> None:
        """End the process after `seconds`, by default as many as `defer`; an earlier `arm` stays in force."""
        with self._changed:
            if not self._is_final:
                self._is_final = True
                self._set(self._seconds if seconds is None else seconds)

    def defer(self) -> None:
        """End the process unless this is called again in time; without an effect once `arm` was called."""
        with self._changed:
            if not self._is_final:
                self._set(self._seconds)

    def cancel(self) -> None:
        """Let the process live, from now on."""
        with self._changed:
            self._is_final = self._is_cancelled = True
            faulthandler.cancel_dump_traceback_later()
            self._changed.notify_all()

    def _set(self, seconds: float) -> None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=self._null)
        is_first = self._deadline is None
        self._deadline = time.monotonic() + seconds
        self._changed.notify_all()
        if is_first:
            threading.Thread(target=self._report, name="last resort", daemon=True).start()

    def _report(self) -> None:
        with self._changed:
            while (left := self._until_report()) > 0 and not self._is_cancelled:
                self._changed.wait(left)
            if self._is_cancelled:
                return
        os.write(STDERR, b"the sidecar does not end by itself; the stacks of its threads:\n")
        faulthandler.dump_traceback(file=STDERR)

    def _until_report(self) -> float:
        assert self._deadline is not None
        return self._deadline - self._report_seconds - time.monotonic()
