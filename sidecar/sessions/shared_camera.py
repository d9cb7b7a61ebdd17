"""One open camera: captured once, encoded once, shown to everyone who looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from sidecar.cameras.camera import Camera
from sidecar.cameras.device import Device, Format
from sidecar.cameras.slot import FrameSlot
from sidecar.contract.errors import ContractError
from sidecar.contract.types import CameraStateName, CameraStats, EncodingOptions, FramesDropped, Latency
from sidecar.encoding.access_unit import AccessUnit
from sidecar.encoding.jpeg import JpegPicture, JpegThread
from sidecar.encoding.settings import EncoderSettings
from sidecar.encoding.worker import EncoderThread
from sidecar.sessions.bitrate import BitrateTarget, default_bitrate
from sidecar.sessions.blocking import in_thread
from sidecar.sessions.keyframes import KeyframeRequests
from sidecar.sessions.limits import STOP_TIMEOUT
from sidecar.sessions.source import CameraSource

log = logging.getLogger(__name__)


class Viewer(Protocol):
    """Whoever shows the camera; `target_bitrate` is told to it: what the encoder aims at, in bits per second."""

    target_bitrate: int | None

    def push(self, access_unit: AccessUnit) -> None:
        """Take one encoded picture; called on the loop's thread and never blocks."""


class JpegViewer(Protocol):
    """Whoever shows the camera without a decoder for H.264."""

    def push_jpeg(self, picture: JpegPicture) -> None:
        """Take one picture; called on the loop's thread and never blocks."""


class SharedCamera:
    """The source, the encoder thread and the viewers of one camera.

    Every method is called on the loop's thread, and so is `on_state`: with each state of the source (CameraSource).
    """

    def __init__(
        self,
        device: Device,
        camera: Camera,
        encoding: EncodingOptions,
        *,
        on_state: Callable[[CameraStateName, ContractError | None], None],
    ) -> None:
        self.device = device
        self.fps = camera.format.fps
        size = camera.format
        self.bitrate = BitrateTarget.choose(
            encoding.bitrate, encoding.max_bitrate, default_bitrate(size.width, size.height, size.fps)
        )
        self._viewers: list[Viewer] = []
        self._jpeg_viewers: list[JpegViewer] = []
        self._jpeg: tuple[FrameSlot, JpegThread] | None = None  # while there are viewers of it
        self._loop = asyncio.get_running_loop()
        self._source = CameraSource(device, camera, on_state=on_state)
        self._slot = FrameSlot()
        self._source.add(self._slot)
        self._encoder = EncoderThread(
            self._slot,
            EncoderSettings(
                fps=camera.format.fps,
                bitrate=self.bitrate.value,
                max_bitrate=self.bitrate.maximum,
                keyframe_interval=encoding.keyframe_interval or 0.0,
            ),
            deliver=self._from_thread(self._show),
            on_failed=self._from_thread(self._source.fail),
        )
        self.keyframes = KeyframeRequests(self._encoder.request_keyframe)

    @property
    def format(self) -> Format:
        """The camera's format in force."""
        return self._source.format

    @property
    def state(self) -> CameraStateName:
        """The camera's state."""
        return self._source.state

    def start(self) -> None:
        """Begin to capture; nothing is encoded before somebody looks."""
        self._encoder.pause()
        self._encoder.start()
        self._source.start()

    async def stop(self) -> None:
        """End both threads and release the camera, a hanging driver left behind; takes STOP_TIMEOUT twice at most."""
        self._source.stopping()
        self.keyframes.close()
        self._viewers.clear()
        self._jpeg_viewers.clear()
        self._end_jpeg()
        self._slot.close()
        with contextlib.suppress(TimeoutError):
            await in_thread(self._stop_threads, 2 * STOP_TIMEOUT + 0.5)

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
            thread = JpegThread(slot, self._from_thread(self._show_jpeg), self._from_thread(self._source.fail))
            self._jpeg = slot, thread
            self._source.add(slot)
            thread.start()

    def remove_jpeg_viewer(self, viewer: JpegViewer) -> None:
        """Push nothing to `viewer` any more; make no more pictures when it was the last."""
        if viewer in self._jpeg_viewers:
            self._jpeg_viewers.remove(viewer)
            if not self._jpeg_viewers:
                self._end_jpeg()

    def link_carries(self, viewer: Viewer, bitrate: int) -> None:
        """A viewer's link carries this many bits per second."""
        if viewer in self._viewers:
            self.bitrate.estimated(viewer, bitrate)
            self._aim()

    def set_encoding(self, bitrate: int | None, max_bitrate: int | None, fps: float | None) -> None:
        """Change what is given; no keyframe, no renegotiation."""
        self.bitrate.change(bitrate, max_bitrate)
        self._aim()
        if fps is not None:
            self.fps = min(fps, self.format.fps)
            self._encoder.set_fps(fps if fps < self.format.fps else None)

    def stats(self) -> CameraStats:
        """A snapshot of the counters."""
        encoder = self._encoder.stats()
        return CameraStats(
            device_id=self.device.device_id,
            state=self.state,
            viewers=self.viewers,
            width=encoder.width or self.format.width,
            height=encoder.height or self.format.height,
            encoder=encoder.encoder,
            target_bitrate=encoder.target_bitrate,
            bitrate=encoder.bitrate,
            fps=encoder.fps,
            frames_captured=self._source.frames_captured,
            frames_dropped=FramesDropped(
                encoder_busy=self._slot.overwritten, no_viewer=encoder.dropped_no_viewer, rate=encoder.dropped_rate
            ),
            frames_encoded=encoder.frames_encoded,
            bytes_encoded=encoder.bytes_encoded,
            keyframes_encoded=encoder.keyframes_encoded,
            capture_to_encoded_ms=Latency(p50=encoder.capture_to_encoded_p50, p95=encoder.capture_to_encoded_p95),
        )

    def _aim(self) -> None:
        self._encoder.set_bitrate(self.bitrate.value)
        for viewer in self._viewers:
            viewer.target_bitrate = self.bitrate.value

    def _stop_threads(self) -> None:
        self._source.stop_thread()
        if not self._encoder.stop(STOP_TIMEOUT):
            log.warning("%s: the encoder hangs; its thread was left behind", self.device.device_id)

    def _from_thread(self, call: Callable[..., None]) -> Callable[..., None]:
        """`call` on the loop's thread, for use in the others; nothing once the loop is closed."""

        def hand_over(*args: object) -> None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(call, *args)

        return hand_over

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
            self._source.remove(slot)
            thread.close()
