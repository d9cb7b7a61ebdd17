"""The pictures of one camera, and what becomes of them when the camera is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.device import Device, Format
from sidecar.cameras.slot import FrameSlot, FrameTee
from sidecar.contract.errors import ContractError
from sidecar.contract.types import CameraStateName
from sidecar.sessions.limits import STOP_TIMEOUT

log = logging.getLogger(__name__)


class CameraSource:
    """Owns an open camera and its capture thread; puts each picture into every slot.

    Every method but `stop_thread` is called on the loop's thread. `on_state` is called there too: once with
    "streaming", and at most once with "lost", the camera then waits for `stop`.
    """

    def __init__(
        self, device: Device, camera: Camera, *, on_state: Callable[[CameraStateName, ContractError | None], None]
    ) -> None:
        self.device = device
        self.format: Format = camera.format
        self.state: CameraStateName = "opening"
        self._on_state = on_state
        self._loop = asyncio.get_running_loop()
        self._frames = FrameTee()
        self._capture = CaptureThread(
            camera, self._frames, on_first_frame=self._from_thread(self._started), on_lost=self._from_thread(self.fail)
        )

    @property
    def frames_captured(self) -> int:
        """How many pictures the camera gave."""
        return self._capture.frames_captured

    def add(self, slot: FrameSlot) -> None:
        """From now on, `slot` gets every picture."""
        self._frames.add(slot)

    def remove(self, slot: FrameSlot) -> None:
        """`slot` gets no more pictures."""
        self._frames.remove(slot)

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

    def _from_thread(self, call: Callable[..., None]) -> Callable[..., None]:
        """`call` on the loop's thread, for use in the capture thread; nothing once the loop is closed."""

        def hand_over(*args: object) -> None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(call, *args)

        return hand_over
