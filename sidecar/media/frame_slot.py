"""The slot in which the newest frame waits until the encoder is free."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from sidecar.media.frame import Frame


class FrameSink(Protocol):
    """The destination of a camera's frames."""

    def put(self, frame: Frame) -> None:
        """Take a frame, without waiting."""


class FrameSlot:
    """Holds at most one frame; a newer frame replaces an older one. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._closed = False
        self._overwritten = 0

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    @property
    def overwritten(self) -> int:
        """The number of frames that were replaced before they were taken."""
        return self._overwritten

    def put(self, frame: Frame) -> None:
        """Replace the waiting frame; a closed slot ignores the frame."""
        with self._changed:
            if self._closed:
                return
            if self._frame is not None:
                self._overwritten += 1
            self._frame = frame
            self._changed.notify()

    def take(self, timeout: float) -> Frame | None:
        """Return the newest frame not taken yet, waiting up to `timeout` seconds; None without one, or when closed."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._frame is None and not self._closed:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> None:
        """Drop the waiting frame and end every take(). Idempotent."""
        with self._changed:
            self._closed = True
            self._frame = None
            self._changed.notify_all()


class FrameTee:
    """Puts every frame into several slots. Slots may be added and removed on any thread."""

    def __init__(self, *slots: FrameSink) -> None:
        self._slots = slots

    def add(self, slot: FrameSink) -> None:
        """Put the frames from now on into `slot`, too."""
        self._slots = (*self._slots, slot)

    def remove(self, slot: FrameSink) -> None:
        """Put no more frames into `slot`."""
        self._slots = tuple(other for other in self._slots if other is not slot)

    def put(self, frame: Frame) -> None:
        """Put the frame into every slot."""
        for slot in self._slots:
            slot.put(frame)
