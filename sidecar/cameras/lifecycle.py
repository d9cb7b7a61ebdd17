"""The pictures of one camera, and what becomes of them when the camera is lost.

The states are the contract's: "opening" until the first picture; "streaming"; "lost" while a camera that broke is let
go; "recovering" until it gives pictures again; "failed" when it is given up; "stopped" when nobody needs it any more.
ARCHITECTURE.md draws them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from sidecar.blocking import in_thread, on_loop
from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.retries import Retries
from sidecar.contract.errors import CameraFailedError, ContractError
from sidecar.contract.types import CameraKind, CameraStateName
from sidecar.limits import STOP_TIMEOUT
from sidecar.media.frame_slot import FrameTee

log = logging.getLogger(__name__)

OnState = Callable[[CameraStateName, ContractError | None], None]
OnFormat = Callable[[Format], None]

STALL_LIMITS: Final[dict[CameraKind, float]] = {"camera": 3.0, "file": 6.0, "rtsp": 15.0, "test": 30.0}
"""Seconds without a picture after which a camera counts as lost, whatever its driver says. Webcams expose for half a
second in the dark, and USB takes one to recover; between two pictures of a file 2 s may lie, and a disk; RTSP has time
limits of its own (5 s of silence), and cameras that send a keyframe every ten seconds; the test pattern cannot hang,
but its first picture imports what it is painted with."""

STALL_FRAMES: Final = 10
SLOWEST_FPS: Final = 0.5
"""Missing pictures of a slow camera, where that is longer; a file may say anything about its rate."""

STALL_STEP: Final = 0.5
"""Seconds between two looks. They are counted, not the clock: a process that was suspended has not stalled."""


class CameraSource:
    """Owns a camera from its opening to its release, losses in between: puts each picture into `frames`.

    While the camera is away, a placeholder's pictures take the place of its own. Every method is called on the loop's
    thread, and so are `on_state` and `on_format`: the first with each new state but "stopped", and with "recovering"
    again when there is another reason for it, the second with the format in force when the pictures' size has changed.
    After "failed" the source waits for `stop`.
    """

    def __init__(
        self, device: Device, camera: Camera, drivers: Drivers, on_state: OnState, on_format: OnFormat
    ) -> None:
        self.device = device
        self.format: Format = camera.format
        self.state: CameraStateName = "opening"
        self.problem: ContractError | None = None
        self._wanted = RequestedFormat(camera.format.width, camera.format.height, camera.format.fps)
        self._drivers = drivers
        self._on_state = on_state
        self._on_format = on_format
        self._loop = asyncio.get_running_loop()
        self.frames = FrameTee()
        self._retries = Retries()
        self._try_now = asyncio.Event()
        self._frames_before = 0  # those of captures that have ended
        self._placeholder: CaptureThread | None = None
        self._streaming_since = 0.0
        self._set_capture(camera)
        self._task: asyncio.Task[None] | None = None

    @property
    def frames_captured(self) -> int:
        """How many pictures the camera gave; the placeholder's are not counted."""
        return self._frames_before + self._capture.frames_captured

    def start(self) -> None:
        """Begin to capture, and watch over it."""
        self._capture.start()
        self._task = self._loop.create_task(self._run())

    def try_now(self) -> None:
        """Some camera was plugged in or out: if this one is awaited, wait no longer."""
        self._try_now.set()

    def fail(self, error: ContractError) -> None:
        """The camera, or what depends on it, cannot go on."""
        if self.state not in ("failed", "stopped"):
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
            self._enter("failed", error)

    async def stop(self) -> None:
        """Release the camera, a hanging driver left behind. Takes STOP_TIMEOUT twice at most, and half a second."""
        self.state = "stopped"
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._end_placeholder()
        await self._drivers.release(self.device, self._capture)

    # -- the states ---------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            await self._supervise()
        except Exception:
            log.exception("%s: nobody watches over it any more", self.device.device_id)
            self.fail(CameraFailedError(f"{self.device.name} could not be opened again."))

    async def _supervise(self) -> None:
        while True:
            error = await self._until_lost()
            if self.state == "streaming":
                self._retries.streamed(self._loop.time() - self._streaming_since)
            self._enter("lost", error)
            self._start_placeholder()
            await self._drivers.release(self.device, self._capture)
            self._enter("recovering", error)
            camera = await self._open_again(error)
            if camera is None:
                return
            self._frames_before += self._capture.frames_captured
            self._set_capture(camera)
            await self._end_placeholder()
            self._capture.start()

    async def _until_lost(self) -> ContractError:
        """Wait until the capture thread says that the camera is lost, or no picture came for too long."""
        limit = max(STALL_LIMITS[self.device.kind], STALL_FRAMES / max(self.format.fps, SLOWEST_FPS))
        silent, count = 0.0, 0
        while silent < limit:
            await asyncio.wait([self._lost], timeout=STALL_STEP)
            if self._lost.done():
                return self._lost.result()
            silent = silent + STALL_STEP if self._capture.frames_captured == count else 0.0
            count = self._capture.frames_captured
        return CameraFailedError(f"{self.device.name} gave no picture for {limit:g} s.")

    async def _open_again(self, problem: ContractError) -> Camera | None:
        """Try until the camera is open; None when it was given up."""
        while True:
            await self._pause(self._retries.next_delay())
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

    async def _pause(self, delay: float) -> None:
        """Wait, until a camera is plugged in at the longest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._try_now.wait()
        self._try_now.clear()

    def _enter(self, state: CameraStateName, problem: ContractError | None = None) -> None:
        self.state, self.problem = state, problem
        self._on_state(state, problem)

    # -- the threads --------------------------------------------------------------------------------------------------

    def _set_capture(self, camera: Camera) -> None:
        """Take on an open camera; its thread is not started yet."""
        self.format = camera.format
        self._lost: asyncio.Future[ContractError] = self._loop.create_future()
        self._capture = capture = CaptureThread(
            camera,
            self.frames,
            on_lost=on_loop(self._lost.set_result),
            on_first_frame=on_loop(lambda: self._started(capture)),
            on_size=on_loop(lambda size: self._resized(capture, size)),
        )

    def _started(self, capture: CaptureThread) -> None:
        if capture is self._capture and self.state in ("opening", "recovering"):
            self._streaming_since = self._loop.time()
            self._enter("streaming")

    def _resized(self, capture: CaptureThread, size: tuple[int, int]) -> None:
        if capture is self._capture:
            self.format = replace(self.format, width=size[0], height=size[1])
            log.info("%s: the picture is %dx%d now", self.device.device_id, *size)
            self._on_format(self.format)

    def _start_placeholder(self) -> None:
        from sidecar.cameras.pattern.placeholder import (
            Placeholder,  # numpy, which the lost camera's pictures have brought
        )

        picture = Placeholder(self.format.width, self.format.height, self._capture.colour)
        self._placeholder = CaptureThread(picture, self.frames, on_lost=_broken)
        self._placeholder.start()

    async def _end_placeholder(self) -> None:
        placeholder, self._placeholder = self._placeholder, None
        if placeholder is not None:
            with contextlib.suppress(TimeoutError):
                await in_thread(partial(placeholder.stop, STOP_TIMEOUT), 2 * STOP_TIMEOUT)


def _broken(error: ContractError) -> None:
    log.error("there is no picture in the place of the camera: %s", error.message)
