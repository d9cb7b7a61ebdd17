"""Handles signals in a thread of its own: Python's handlers run in the main thread, where the event loop may hang.

The interpreter's handler in C writes the number of each signal to a socket (`signal.set_wakeup_fd`). On Windows it does
so in the thread in which the system reports Ctrl+C and Ctrl+Break.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterable

_NUMBERS_AT_ONCE = 64


class SignalWatch:
    """Calls `on_signal` with the name of each signal of `numbers` that arrives. Its thread ends with the process.

    No event loop may handle signals beside it: a process has one wake-up descriptor.
    """

    def __init__(self, numbers: Iterable[int], on_signal: Callable[[str], None]) -> None:
        self._numbers = frozenset(numbers)
        self._on_signal = on_signal
        self._ours, self._interpreters = socket.socketpair()

    def start(self) -> None:
        """Begin to handle the signals; call it in the main thread."""
        self._interpreters.setblocking(False)
        threading.Thread(target=self._run, name="signal watch", daemon=True).start()
        signal.set_wakeup_fd(self._interpreters.fileno(), warn_on_full_buffer=False)
        for number in self._numbers:
            signal.signal(number, _leave_it_to_the_watch)

    def _run(self) -> None:
        while numbers := self._ours.recv(_NUMBERS_AT_ONCE):
            for number in numbers:
                if number in self._numbers:
                    self._on_signal(signal.Signals(number).name)


def _leave_it_to_the_watch(_number: int, _frame: object) -> None:
    """Do nothing: without a handler in Python the interpreter would not write the number."""
