"""The lifecycle of one open camera: its states, and its recovery after a loss.

The states are the contract's: "opening" until the first frame; "streaming"; "lost" while a failed camera is released;
"recovering" until the camera delivers frames again; "failed" when no further try is made; "stopped" after its last
session.
ARCHITECTURE.md has the state diagram.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sidecar.cameras.camera import Camera
from sidecar.cameras.capture_pair import CapturePair
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.retries import Retries
from sidecar.cameras.stalls import StallWatch
from sidecar.contract.errors import CameraFailedError, ContractError
from sidecar.contract.types import CameraStateName
from sidecar.media.frame_slot import FrameTee

log = logging.getLogger(__name__)

OnState = Callable[[CameraStateName, ContractError | None], None]
OnFormat = Callable[[Format], None]


class CameraLifecycle:
    """Owns a camera from its opening to its release, and opens it again after losses.

    While the camera is lost, the frames of a placeholder replace the camera's. Every method is called on the
    event loop's thread, and so are `on_state` and `on_format`. `on_state` is called with each new state but "stopped",
    and with "recovering" again when the error has changed; `on_format` with the format in force when the size of the
    frames has changed. After "failed" the lifecycle waits for `stop`.
    """

    def __init__(
        self, device: Device, camera: Camera, drivers: Drivers, on_state: OnState, on_format: OnFormat
    ) -> None:
        self.device = device
        self.state: CameraStateName = "opening"
        self.problem: ContractError | None = None
        self._wanted = RequestedFormat(camera.format.width, camera.format.height, camera.format.fps)
        self._drivers = drivers
        self._on_state = on_state
        self._on_format = on_format
        self._loop = asyncio.get_running_loop()
        self._captures = CapturePair(camera, drivers.policy, self._started, self._resized)
        self._retries = Retries(drivers.policy.retries)
        self._device_event = asyncio.Event()
        self._streaming_since = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def frames(self) -> FrameTee:
        """The frames of the camera and of the placeholder."""
        return self._captures.frames

    @property
    def format(self) -> Format:
        """The format in force."""
        return self._captures.format

    @property
    def frames_captured(self) -> int:
        """The number of frames that the camera delivered, without the placeholder's."""
        return self._captures.frames_captured

    def start(self) -> None:
        """Start to capture and to supervise the camera."""
        self._drivers.add_in_use(self)
        self._captures.start()
        self._task = self._loop.create_task(self._run())

    def try_now(self) -> None:
        """End the delay before the next try: a camera was plugged in or out."""
        self._device_event.set()

    def fail(self, error: ContractError) -> None:
        """End the recovery for good, because the camera or its encoder cannot continue."""
        if self.state not in ("failed", "stopped"):
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
            self._enter("failed", error)

    async def stop(self) -> None:
        """Release the camera; a hanging driver is abandoned. Takes twice `stop_timeout` and half a second at most."""
        self.state = "stopped"
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._captures.hide_placeholder()
        await self._drivers.release(self.device, self._captures.capture)
        self._drivers.remove_in_use(self)

    async def _run(self) -> None:
        try:
            await self._supervise()
        except Exception:
            log.exception("%s: the supervision of the camera failed", self.device.device_id)
            self.fail(CameraFailedError(f"{self.device.name} could not be opened again."))

    async def _supervise(self) -> None:
        while True:
            error = await self._until_lost()
            if self.state == "streaming":
                self._retries.streamed(self._loop.time() - self._streaming_since)
            self._enter("lost", error)
            self._captures.show_placeholder()
            await self._drivers.release(self.device, self._captures.capture)
            self._enter("recovering", error)
            camera = await self._open_again(error)
            if camera is None:
                return
            await self._captures.replace_camera(camera)

    async def _until_lost(self) -> ContractError:
        """Wait until the capture thread reports a loss, or the camera stalls; return the reason."""
        stalls = self._drivers.policy.stalls
        watch = StallWatch(stalls, self._drivers.stall_limit(self.device), self.format.fps)
        lost, capture = self._captures.lost, self._captures.capture
        while not lost.done():
            await asyncio.wait([lost], timeout=stalls.step)
            if not lost.done() and watch.has_stalled(capture.frames_captured):
                return CameraFailedError(f"{self.device.name} delivered no picture for {watch.limit:g} s.")
        return lost.result()

    async def _open_again(self, problem: ContractError) -> Camera | None:
        """Try until the camera is open; return None when further tries are pointless."""
        while True:
            await self._wait_for_device_event(self._retries.next_delay())
            try:
                self.device, camera = await self._drivers.open_again(self.device, self._wanted)
                return camera
            except ContractError as error:
                if self._retries.is_over(error, self._loop.time()):
                    self.fail(error)
                    return None
                if error.kind != problem.kind:
                    self._enter("recovering", error)
                problem = error

    async def _wait_for_device_event(self, limit: float) -> None:
        """Wait until a camera is plugged in or out, for `limit` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._device_event.wait()
        self._device_event.clear()

    def _enter(self, state: CameraStateName, problem: ContractError | None = None) -> None:
        self.state, self.problem = state, problem
        self._on_state(state, problem)

    def _started(self) -> None:
        if self.state in ("opening", "recovering"):
            self._streaming_since = self._loop.time()
            self._enter("streaming")

    def _resized(self, changed: Format) -> None:
        log.info("%s: the frame size is %dx%d now", self.device.device_id, changed.width, changed.height)
        self._on_format(changed)
