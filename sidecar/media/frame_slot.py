"""The one place a frame waits: the newest picture, until the encoder is free."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from sidecar.media.frame import Frame


class FrameSink(Protocol):
    """Where a camera's pictures go."""

    def put(self, frame: Frame) -> None:
        """Take a frame; never waits."""


class FrameSlot:
    """Holds at most one frame; a newer one takes the place of an older one (latest wins). Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._closed = False
        self._overwritten = 0

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def overwritten(self) -> int:
        """How many frames were replaced before anyone took them."""
        return self._overwritten

    def put(self, frame: Frame) -> None:
        """Offer a frame; a closed slot ignores it."""
        with self._changed:
            if self._closed:
                return
            if self._frame is not None:
                self._overwritten += 1
            self._frame = frame
            self._changed.notify()

    def take(self, timeout: float) -> Frame | None:
        """The newest frame not taken yet, waiting up to `timeout` seconds; None when none came or the slot closed."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._frame is None and not self._closed:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> None:
        """Drop what waits and end every take(); idempotent."""
        with self._changed:
            self._closed = True
            self._frame = None
            self._changed.notify_all()


class FrameTee:
    """Hands every frame to several slots. Slots may be added and removed from any thread."""

    def __init__(self, *slots: FrameSlot) -> None:
        self._slots = slots

    def add(self, slot: FrameSlot) -> None:
        """From now on, `slot` gets every frame, too."""
        self._slots = (*self._slots, slot)

    def remove(self, slot: FrameSlot) -> None:
        """`slot` gets no more frames."""
        self._slots = tuple(other for other in self._slots if other is not slot)

    def put(self, frame: Frame) -> None:
        """Put the frame into every slot."""
        for slot in self._slots:
            slot.put(frame)
