"""One camera's pictures as JPEG, for viewers without a decoder for H.264."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sidecar.blocking import on_loop
from sidecar.contract.errors import ContractError
from sidecar.encoding.jpeg_thread import JpegPicture, JpegThread
from sidecar.media.frame_slot import FrameSlot, FrameTee


class JpegViewer(Protocol):
    """Whoever shows the camera without a decoder for H.264."""

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Take one picture; called on the loop's thread and never blocks."""


class JpegPictures:
    """The JPEG thread of one camera, while there are viewers of it. Every method is called on the loop's thread."""

    def __init__(self, frames: FrameTee, on_failed: Callable[[ContractError], None]) -> None:
        self._frames = frames
        self._on_failed = on_loop(on_failed)
        self._viewers: list[JpegViewer] = []
        self._running: tuple[FrameSlot, JpegThread] | None = None

    @property
    def viewers(self) -> int:
        """How many look at it."""
        return len(self._viewers)

    def add_viewer(self, viewer: JpegViewer) -> None:
        """From now on push pictures to `viewer`. Once is enough."""
        if viewer in self._viewers:
            return
        self._viewers.append(viewer)
        if self._running is None:
            slot = FrameSlot()
            thread = JpegThread(slot, on_loop(self._show), self._on_failed)
            self._running = slot, thread
            self._frames.add(slot)
            thread.start()

    def remove_viewer(self, viewer: JpegViewer) -> None:
        """Push nothing to `viewer` any more; make no more pictures when it was the last."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
            if not self._viewers:
                self._end()

    def close(self) -> None:
        """Show nothing any more, and begin to end the thread."""
        self._viewers.clear()
        self._end()

    def _show(self, picture: JpegPicture) -> None:
        for viewer in tuple(self._viewers):
            viewer.push_jpeg(picture)

    def _end(self) -> None:
        if self._running is not None:
            (slot, thread), self._running = self._running, None
            self._frames.remove(slot)
            thread.close()
