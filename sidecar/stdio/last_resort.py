"""Ends the process in time even if its event loop hangs.

Other threads than the event loop's set the deadline. The watchdog of `faulthandler` ends the process then, a thread in
C that needs no interpreter lock. To set the deadline a thread needs that lock, so a C library that holds it without a
pause delays the end.
"""

from __future__ import annotations

import faulthandler
import os
import threading
import time

from sidecar.stdio.claim import STDERR

SECONDS = 0.9
"""From the event that ends the process until its end by force; the system needs time, too, to take a process down."""

REPORT_SECONDS = 0.1
"""Before the end, when the stacks of all threads are written to stderr; that blocks while stderr is not read."""


class LastResort:
    """A deadline of the process. Any thread may call it; the process exits with status 1 when the deadline has passed.

    `arm` sets the deadline once and for all. `defer` sets one that the next call of `defer` moves, for an event loop
    that still works off its input and shows by that call that it runs.
    """

    def __init__(self) -> None:
        # The watchdog writes a report before it exits, and a write to the null device never blocks.
        self._null = os.open(os.devnull, os.O_WRONLY)
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._is_final = False
        self._is_cancelled = False

    def arm(self, seconds: float = SECONDS) -> None:
        """End the process after `seconds`; an earlier `arm` stays in force."""
        with self._changed:
            if not self._is_final:
                self._is_final = True
                self._set(seconds)

    def defer(self) -> None:
        """End the process after SECONDS without another call of this, unless `arm` was called."""
        with self._changed:
            if not self._is_final:
                self._set(SECONDS)

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
        os.write(STDERR, b"the sidecar does not end by itself; this is what its threads do:\n")
        faulthandler.dump_traceback(file=STDERR)

    def _until_report(self) -> float:
        assert self._deadline is not None
        return self._deadline - REPORT_SECONDS - time.monotonic()
