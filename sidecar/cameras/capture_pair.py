"""The two threads that deliver the frames of one camera: its capture thread, and its placeholder's while it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sidecar.blocking import in_thread, on_loop
from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.device import Format
from sidecar.cameras.format_change import limited_fps
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import ContractError
from sidecar.media.frame_slot import FrameTee

log = logging.getLogger(__name__)


class CapturePair:
    """Puts the frames of a camera, and of a placeholder while the camera is lost, into `frames`.

    `format` is the format in force, `opened` the one that the camera was opened with; the frame rate in force may be
    limited to a lower one. `on_first_frame` is called with the first frame of each camera, `on_format` with each new
    format in force, before the frames of another camera. Every method and callback is called on the event loop's
    thread.
    """

    def __init__(
        self,
        camera: Camera,
        policy: CameraPolicy,
        on_first_frame: Callable[[], None],
        on_format: Callable[[Format], None],
    ) -> None:
        self.frames = FrameTee()
        self._policy = policy
        self._on_first_frame = on_first_frame
        self._on_format = on_format
        self._placeholder: CaptureThread | None = None
        self._frames_before = self._left_out_before = 0  # of the captures that have ended
        self._limit: float | None = None
        self.format: Format = camera.format
        self._set_capture(camera)

    @property
    def frames_captured(self) -> int:
        """The number of frames that the camera delivered, without the placeholder's."""
        return self._frames_before + self.capture.frames_captured

    @property
    def frames_left_out(self) -> int:
        """The number of these frames that were left out to hold the limit of the frame rate."""
        return self._left_out_before + self.capture.frames_left_out

    def start(self) -> None:
        """Start the camera's capture thread."""
        self.capture.start()

    def show_placeholder(self) -> None:
        """Start a placeholder of the camera's size and colour. Call it after the loss of the camera."""
        from sidecar.cameras.pattern.placeholder import Placeholder  # numpy, which the lost camera has imported

        width, height = self.format.width, self.format.height
        picture = Placeholder(width, height, self.capture.colour, self._policy.placeholder_fps)
        self._placeholder = CaptureThread(picture, self.frames, on_lost=_placeholder_failed)
        self._placeholder.start()

    async def hide_placeholder(self) -> None:
        """End the placeholder's thread, if there is one, within twice `stop_timeout`."""
        placeholder, self._placeholder = self._placeholder, None
        limit = self._policy.stop_timeout
        if placeholder is not None:
            with contextlib.suppress(TimeoutError):
                await in_thread(partial(placeholder.stop, limit), 2 * limit)

    def limit_fps(self, limit: float | None) -> None:
        """Limit the frame rate, in frames per second; None: every frame of the camera."""
        self._limit = limit
        self.capture.limit_fps(limited_fps(self.opened, limit))
        self._take_format(self.format.width, self.format.height)

    async def replace_camera(self, camera: Camera, limit: float | None) -> None:
        """Let `camera` take the place of the previous one and of the placeholder, limited to `limit` frames per second.

        Its thread is started. The previous one has ended.
        """
        self._frames_before += self.capture.frames_captured
        self._left_out_before += self.capture.frames_left_out
        self._limit = limit
        self._set_capture(camera)
        await self.hide_placeholder()
        self.start()

    def _set_capture(self, camera: Camera) -> None:
        self.opened: Format = camera.format
        self.lost: asyncio.Future[ContractError] = asyncio.get_running_loop().create_future()
        self.capture = capture = CaptureThread(
            camera,
            self.frames,
            on_lost=on_loop(self.lost.set_result),
            on_first_frame=on_loop(lambda: self._started(capture)),
            on_size=on_loop(lambda size: self._resized(capture, size)),
            fps=limited_fps(camera.format, self._limit),
        )
        self._take_format(camera.format.width, camera.format.height)

    def _started(self, capture: CaptureThread) -> None:
        if capture is self.capture:
            self._on_first_frame()

    def _resized(self, capture: CaptureThread, size: tuple[int, int]) -> None:
        if capture is self.capture:
            self._take_format(*size)

    def _take_format(self, width: int, height: int) -> None:
        fps = limited_fps(self.opened, self._limit) or self.opened.fps
        in_force = replace(self.opened, width=width, height=height, fps=fps)
        if in_force != self.format:
            self.format = in_force
            self._on_format(in_force)


def _placeholder_failed(error: ContractError) -> None:
    log.error("the placeholder of a lost camera failed: %s", error.message)
