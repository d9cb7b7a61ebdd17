"""Watches the parent process. Standard input ends with it, too, unless a third process holds the pipe.

A program that is frozen into one file has its own launcher as its parent, which unpacks it and waits for it. There the
launcher's parent matters: its death leaves the launcher alive.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from sidecar.stdio.processes import Process, parent_of, unpacked_folder

POLL_SECONDS = 0.2
"""Seconds between two polls: well within the second in which the process must end. A poll costs some microseconds."""


class Watched(Protocol):
    """A process whose end is noticed."""

    def is_gone(self) -> bool:
        """Return whether it has ended."""


class ParentWatch:
    """Notices the end of the parent process and, in a program frozen into one file, of the parent's parent.

    Make it as early as possible: it watches the parent of that moment. `start` calls `on_death` once, in a thread.
    """

    def __init__(self, processes: Sequence[Watched] | None = None, *, poll_seconds: float = POLL_SECONDS) -> None:
        """`processes` replaces the processes to watch; the first of them is the parent."""
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._processes = _parents() if processes is None else processes

    def start(self, on_death: Callable[[], None]) -> None:
        """Begin to watch, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, args=(on_death,), name="parent watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def clean_up_for_launcher(self) -> None:
        """Remove the unpacked files of a one-file program whose launcher was killed. Call it last."""
        folder = unpacked_folder()
        if folder is not None and self._processes[0].is_gone():
            import shutil

            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, on_death: Callable[[], None]) -> None:
        while not any(process.is_gone() for process in self._processes):
            if self._stopping.wait(self._poll_seconds):
                return
        on_death()


def _parents() -> list[Process]:
    """Return the parent of this process and, in a one-file program, the parent's parent."""
    parent = os.getppid()
    parents = [Process(parent, os.getpid())]
    launched_by = parent_of(parent) if unpacked_folder() else None
    if launched_by is not None:
        parents.append(Process(launched_by, parent))
    return parents
