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
"""Seconds that close() waits for a read in the driver. A read that takes longer releases the device at its end."""

CALCULATION_TIMEOUT = 0.3
"""Seconds that close() waits for a read that is calculating, which ends without the driver's help."""


class Camera(Protocol):
    """An open camera. One thread reads frames, any thread closes the camera."""

    @property
    def format(self) -> Format:
        """The format in force."""

    @property
    def is_calculating(self) -> bool:
        """Whether a read is decoding or converting a frame now. Such a read ends without the driver's help."""

    def read(self) -> Frame:
        """Wait for the next frame and return it. Raises CameraFailedError when the camera is lost or closed."""

    def close(self) -> None:
        """Release the device. Idempotent; a concurrent read ends soon, where the system allows it."""


class GuardedCamera(ABC):
    """A camera whose library must not be closed while another thread reads from it.

    `close` marks the camera as closing, wakes the reader and waits for it for `release_timeout` seconds. A reader that
    hangs in the driver longer releases the device when its read returns, so two threads never call the library at the
    same time.
    """

    release_timeout = RELEASE_TIMEOUT

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
        """Whether a read is decoding or converting a frame now."""
        return self._is_calculating

    def read(self) -> Frame:
        """Wait for the next frame and return it. Raises CameraFailedError when the camera is lost or closed."""
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
        """Release the device. Idempotent; callable from any thread."""
        self._closing.set()
        self._wake()
        if self._in_use.acquire(timeout=CALCULATION_TIMEOUT if self._is_calculating else self.release_timeout):
            self._release_and_unlock()

    @contextmanager
    def _calculation(self) -> Iterator[None]:
        """Mark a block that decodes or converts, and that waits for no device or network."""
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
        """Wait for the next frame and return it; check `_closing` as often as possible."""

    @abstractmethod
    def _release(self) -> None:
        """Release the device. Called once, and never during `_next_frame`."""

    def _wake(self) -> None:
        """End a wait in `_next_frame` early, where the library allows it."""
        return
