"""The pictures of one camera, and what becomes of them when the camera is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.device import Device, Format
from sidecar.cameras.slot import FrameTee
from sidecar.contract.errors import ContractError
from sidecar.contract.types import CameraStateName
from sidecar.sessions.blocking import on_loop
from sidecar.sessions.limits import STOP_TIMEOUT

log = logging.getLogger(__name__)


class CameraSource:
    """Owns an open camera and its capture thread, which puts each picture into `frames`.

    Every method but `stop_thread` is called on the loop's thread. `on_state` is called there too: once with
    "streaming", and at most once with "lost", when the camera waits for `stop`.
    """

    def __init__(
        self, device: Device, camera: Camera, *, on_state: Callable[[CameraStateName, ContractError | None], None]
    ) -> None:
        self.device = device
        self.format: Format = camera.format
        self.state: CameraStateName = "opening"
        self._on_state = on_state
        self.frames = FrameTee()
        self._capture = CaptureThread(
            camera, self.frames, on_first_frame=on_loop(self._started), on_lost=on_loop(self.fail)
        )

    @property
    def frames_captured(self) -> int:
        """How many pictures the camera gave."""
        return self._capture.frames_captured

    def start(self) -> None:
        """Begin to capture."""
        self._capture.start()

    def stopping(self) -> None:
        """No state is told any more."""
        self.state = "stopped"

    def stop_thread(self) -> None:
        """End the capture thread and release the camera; blocks for STOP_TIMEOUT at most, in any thread."""
        if not self._capture.stop(STOP_TIMEOUT):
            log.warning("%s: the driver hangs; its thread was left behind", self.device.device_id)

    def fail(self, error: ContractError) -> None:
        """The camera, or what depends on it, cannot go on."""
        if self.state in ("opening", "streaming"):
            self.state = "lost"
            self._on_state("lost", error)

    def _started(self) -> None:
        if self.state == "opening":
            self.state = "streaming"
            self._on_state("streaming", None)
