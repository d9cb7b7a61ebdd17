"""Waiting for a V4L2 device's next picture in a way that close() can end."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading

assert sys.platform == "linux"


class Readiness:
    """Waits on a device's descriptor, which its library owns, and on a pipe of its own that wakes the waiter."""

    def __init__(self, descriptor: int) -> None:
        self._waker, self._wake_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._closing, self._closed = threading.Lock(), False  # a descriptor written to after close() is another's
        self._device = select.poll()
        self._device.register(descriptor, select.POLLIN)
        self._both = select.poll()
        self._both.register(descriptor, select.POLLIN)
        self._both.register(self._waker, select.POLLIN)

    def wait(self, timeout: float) -> bool:
        """Whether something happened (a picture, an error, wake()) within `timeout` seconds."""
        return bool(self._both.poll(timeout * 1000))

    def has_more(self) -> bool:
        """Whether a picture is ready now; an error is not one."""
        return any(event == select.POLLIN for _, event in self._device.poll(0))

    def wake(self) -> None:
        """End wait(), from any thread, now and for ever; nothing after close()."""
        with self._closing, contextlib.suppress(BlockingIOError):
            if not self._closed:
                os.write(self._wake_end, b".")

    def close(self) -> None:
        """Give the pipe back; nobody waits any more."""
        with self._closing:
            self._closed = True
            os.close(self._waker)
            os.close(self._wake_end)
