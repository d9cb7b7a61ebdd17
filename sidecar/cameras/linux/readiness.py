"""Waiting for the next frame of a V4L2 device, with a way to interrupt the wait."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading

assert sys.platform == "linux"


class Readiness:
    """Polls a device's descriptor, which its library owns, together with a pipe that ends the poll."""

    def __init__(self, descriptor: int) -> None:
        self._waker, self._wake_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._closing, self._closed = threading.Lock(), False  # after close() the number may be another descriptor's
        self._device = select.poll()
        self._device.register(descriptor, select.POLLIN)
        self._both = select.poll()
        self._both.register(descriptor, select.POLLIN)
        self._both.register(self._waker, select.POLLIN)

    def wait(self, timeout: float) -> bool:
        """Return whether an event arrived within `timeout` seconds: a frame, an error or `wake`."""
        return bool(self._both.poll(timeout * 1000))

    def has_more(self) -> bool:
        """Return whether a frame is ready now; an error is not a frame."""
        return any(event == select.POLLIN for _, event in self._device.poll(0))

    def wake(self) -> None:
        """End the present `wait` and all later ones. Callable from any thread; without effect after `close`."""
        with self._closing, contextlib.suppress(BlockingIOError):
            if not self._closed:
                os.write(self._wake_end, b".")

    def close(self) -> None:
        """Close the pipe. No thread may be in `wait`."""
        with self._closing:
            self._closed = True
            os.close(self._waker)
            os.close(self._wake_end)
