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
from sidecar.cameras.policy import CameraPolicy
from sidecar.contract.errors import ContractError
from sidecar.media.frame_slot import FrameTee

log = logging.getLogger(__name__)


class CapturePair:
    """Puts the frames of a camera, and of a placeholder while the camera is lost, into `frames`.

    `on_first_frame` is called with the first frame of each camera, `on_format` with the new format when the size of
    the frames changes. Every method and callback is called on the event loop's thread.
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
        self._frames_before = 0  # of the captures that have ended
        self._set_capture(camera)

    @property
    def frames_captured(self) -> int:
        """The number of frames that the camera delivered, without the placeholder's."""
        return self._frames_before + self.capture.frames_captured

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

    async def replace_camera(self, camera: Camera) -> None:
        """Let `camera` take the place of the lost one and of the placeholder. Its thread is started."""
        self._frames_before += self.capture.frames_captured
        self._set_capture(camera)
        await self.hide_placeholder()
        self.start()

    def _set_capture(self, camera: Camera) -> None:
        self.format: Format = camera.format
        self.lost: asyncio.Future[ContractError] = asyncio.get_running_loop().create_future()
        self.capture = capture = CaptureThread(
            camera,
            self.frames,
            on_lost=on_loop(self.lost.set_result),
            on_first_frame=on_loop(lambda: self._started(capture)),
            on_size=on_loop(lambda size: self._resized(capture, size)),
        )

    def _started(self, capture: CaptureThread) -> None:
        if capture is self.capture:
            self._on_first_frame()

    def _resized(self, capture: CaptureThread, size: tuple[int, int]) -> None:
        if capture is self.capture:
            self.format = replace(self.format, width=size[0], height=size[1])
            self._on_format(self.format)


def _placeholder_failed(error: ContractError) -> None:
    log.error("the placeholder of a lost camera failed: %s", error.message)
