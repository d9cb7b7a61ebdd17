"""An open camera."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sidecar.cameras.device import Format
from sidecar.contract.errors import CameraFailedError
from sidecar.media.frame import Frame

RELEASE_TIMEOUT = 1.0
"""Seconds close() waits for a read in the driver; after that the reader itself releases the device when it returns."""

CALCULATION_TIMEOUT = 0.3
"""Seconds that close() waits for a read that calculates, which needs no driver to end."""


class Camera(Protocol):
    """An open camera: one thread reads, any thread closes."""

    @property
    def format(self) -> Format:
        """The format in force."""

    @property
    def is_calculating(self) -> bool:
        """Whether a read decodes or converts a picture at this moment. It ends by itself, however long it takes."""

    def read(self) -> Frame:
        """Wait for the next picture. Raises CameraFailedError when the camera is lost or closed."""

    def close(self) -> None:
        """Release the device. Idempotent; a read under way ends soon, where the system allows it."""


class GuardedCamera(ABC):
    """A camera whose library must not be closed while another thread reads from it.

    close() marks, wakes and waits a moment for the reader. A reader that hangs in the driver longer releases the
    device itself when it comes back, so the library is never called by two threads at once.
    """

    def __init__(self) -> None:
        self._in_use = threading.Lock()
        self._closing = threading.Event()
        self._released = False
        self._is_calculating = False

    @property
    @abstractmethod
    def format(self) -> Format:
        """The format in force."""

    @property
    def is_calculating(self) -> bool:
        """Whether a read decodes or converts a picture at this moment."""
        return self._is_calculating

    def read(self) -> Frame:
        """Wait for the next picture. Raises CameraFailedError when the camera is lost or closed."""
        try:
            with self._in_use:
                self._check_open()
                frame = self._next_frame()
                self._check_open()
                return frame
        finally:
            if self._closing.is_set() and self._in_use.acquire(blocking=False):
                self._release_and_unlock()

    def close(self) -> None:
        """Release the device. Idempotent, callable from another thread."""
        self._closing.set()
        self._wake()
        if self._in_use.acquire(timeout=CALCULATION_TIMEOUT if self._is_calculating else RELEASE_TIMEOUT):
            self._release_and_unlock()

    @contextmanager
    def _calculation(self) -> Iterator[None]:
        """Mark what decodes or converts, and waits for nothing."""
        self._is_calculating = True
        try:
            yield
        finally:
            self._is_calculating = False

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise CameraFailedError("The camera was closed.", hint="Start the camera again.")

    def _release_and_unlock(self) -> None:
        try:
            if not self._released:
                self._released = True
                self._release()
        finally:
            self._in_use.release()

    @abstractmethod
    def _next_frame(self) -> Frame:
        """Wait for the next picture; looks at `_closing` as often as it can."""

    @abstractmethod
    def _release(self) -> None:
        """Give the device back; called once, by one thread, never during `_next_frame`."""

    def _wake(self) -> None:
        """End a wait of `_next_frame` early, where that is possible."""
        return
