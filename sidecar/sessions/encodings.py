"""What one camera's pictures are encoded to, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sidecar.cameras.device import Format
from sidecar.cameras.slot import FrameSlot, FrameTee
from sidecar.contract.errors import ContractError
from sidecar.contract.types import EncodingOptions
from sidecar.encoding.access_unit import AccessUnit
from sidecar.encoding.jpeg import JpegPicture, JpegThread
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.worker import EncoderStats, EncoderThread
from sidecar.sessions.bitrate import BitrateTarget, default_bitrate
from sidecar.sessions.blocking import on_loop
from sidecar.sessions.keyframes import KeyframeRequests
from sidecar.sessions.limits import STOP_TIMEOUT


class Viewer(Protocol):
    """Whoever shows the camera; `target_bitrate` is told to it: what the encoder aims at, in bits per second."""

    target_bitrate: int | None

    def push(self, access_unit: AccessUnit) -> None:
        """Take one encoded picture; called on the loop's thread and never blocks."""


class JpegViewer(Protocol):
    """Whoever shows the camera without a decoder for H.264."""

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Take one picture; called on the loop's thread and never blocks."""


class Encodings:
    """The encoder thread and the JPEG thread of one camera, and the viewers of both.

    It takes its frames from `frames`. Every method but stop_threads is called on the loop's thread; `on_failed` is
    called there, too.
    """

    def __init__(
        self, frames: FrameTee, picture: Format, options: EncodingOptions, on_failed: Callable[[ContractError], None]
    ) -> None:
        self.bitrate = BitrateTarget.choose(
            options.bitrate, options.max_bitrate, default_bitrate(picture.width, picture.height, picture.fps)
        )
        self._camera_fps = picture.fps
        self._wanted_fps: float | None = None
        self._frames = frames
        self._on_failed = on_loop(on_failed)
        self._viewers: list[Viewer] = []
        self._jpeg_viewers: list[JpegViewer] = []
        self._jpeg: tuple[FrameSlot, JpegThread] | None = None  # while there are viewers of it
        self._slot = FrameSlot()
        self._encoder = EncoderThread(
            self._slot,
            EncoderSettings(
                fps=picture.fps,
                bitrate=self.bitrate.value,
                max_bitrate=self.bitrate.maximum,
                keyframe_interval=options.keyframe_interval or 0.0,
            ),
            deliver=on_loop(self._show),
            on_failed=self._on_failed,
        )
        self.keyframes = KeyframeRequests(self._encoder.request_keyframe)

    def start(self) -> None:
        """Be ready; nothing is encoded before somebody looks."""
        self._encoder.pause()
        self._encoder.start()
        self._frames.add(self._slot)

    def close(self) -> None:
        """Show nothing any more, and begin to end the threads."""
        self.keyframes.close()
        self._viewers.clear()
        self._jpeg_viewers.clear()
        self._end_jpeg()
        self._frames.remove(self._slot)
        self._slot.close()

    def stop_threads(self) -> bool:
        """Wait until the threads have ended, from any thread but theirs; False when one hangs and is left behind."""
        return self._encoder.stop(STOP_TIMEOUT)

    # -- viewers ------------------------------------------------------------------------------------------------------

    @property
    def viewers(self) -> int:
        """How many look at it."""
        return len(self._viewers) + len(self._jpeg_viewers)

    def add_viewer(self, viewer: Viewer) -> None:
        """From now on push every access unit to `viewer`, a keyframe soon among them. Once is enough."""
        if viewer in self._viewers:
            return
        self._viewers.append(viewer)
        viewer.target_bitrate = self.bitrate.value
        if len(self._viewers) == 1:
            self._encoder.resume()
        else:
            self.keyframes.want()

    def remove_viewer(self, viewer: Viewer) -> None:
        """Push nothing to `viewer` any more; encode no more when it was the last."""
        if viewer not in self._viewers:
            return
        self._viewers.remove(viewer)
        self.bitrate.forget(viewer)
        self._aim()
        if not self._viewers:
            self._encoder.pause()

    def add_jpeg_viewer(self, viewer: JpegViewer) -> None:
        """From now on push JPEG pictures to `viewer`. Once is enough."""
        if viewer in self._jpeg_viewers:
            return
        self._jpeg_viewers.append(viewer)
        if self._jpeg is None:
            slot = FrameSlot()
            thread = JpegThread(slot, on_loop(self._show_jpeg), self._on_failed)
            self._jpeg = slot, thread
            self._frames.add(slot)
            thread.start()

    def remove_jpeg_viewer(self, viewer: JpegViewer) -> None:
        """Push nothing to `viewer` any more; make no more pictures when it was the last."""
        if viewer in self._jpeg_viewers:
            self._jpeg_viewers.remove(viewer)
            if not self._jpeg_viewers:
                self._end_jpeg()

    # -- rate ---------------------------------------------------------------------------------------------------------

    def link_carries(self, viewer: Viewer, bitrate: int) -> None:
        """A viewer's link carries this many bits per second."""
        if viewer in self._viewers:
            self.bitrate.estimated(viewer, bitrate)
            self._aim()

    def change(self, bitrate: int | None, max_bitrate: int | None, fps: float | None) -> None:
        """Change what is given; no keyframe, no renegotiation."""
        self.bitrate.change(bitrate, max_bitrate)
        self._aim()
        if fps is not None:
            self._wanted_fps = fps
            self._limit_fps()

    def camera_gives(self, fps: float) -> None:
        """So many frames per second from now on: a camera that was lost may come back with others."""
        self._camera_fps = fps
        self._limit_fps()

    # -- what others ask ----------------------------------------------------------------------------------------------

    @property
    def fps(self) -> float:
        """Frames per second that are encoded at most."""
        return min(self._wanted_fps or self._camera_fps, self._camera_fps)

    @property
    def overwritten(self) -> int:
        """Frames that were replaced by a newer one before the encoder was free."""
        return self._slot.overwritten

    def stats(self) -> EncoderStats:
        """A snapshot of the encoder's counters."""
        return self._encoder.stats()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _limit_fps(self) -> None:
        self._encoder.set_fps(self.fps if self.fps < self._camera_fps else None)

    def _aim(self) -> None:
        self._encoder.set_bitrate(self.bitrate.value)
        for viewer in self._viewers:
            viewer.target_bitrate = self.bitrate.value

    def _show(self, access_unit: AccessUnit) -> None:
        if access_unit.keyframe:
            self.keyframes.came()
        for viewer in tuple(self._viewers):
            viewer.push(access_unit)

    def _show_jpeg(self, picture: JpegPicture) -> None:
        for viewer in tuple(self._jpeg_viewers):
            viewer.push_jpeg(picture)

    def _end_jpeg(self) -> None:
        if self._jpeg is not None:
            (slot, thread), self._jpeg = self._jpeg, None
            self._frames.remove(slot)
            thread.close()
