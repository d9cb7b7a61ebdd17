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
from functools import reduce
from typing import Any

from sidecar.cameras.camera import Camera
from sidecar.cameras.capture import CaptureThread
from sidecar.cameras.capture_pair import CapturePair
from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.format_change import check_fixed, needs_reopening
from sidecar.cameras.format_requests import FormatRequest, FormatRequests
from sidecar.cameras.retries import Retries
from sidecar.cameras.stalls import StallWatch
from sidecar.cameras.wanted_format import WantedFormat
from sidecar.contract.errors import CameraFailedError, ContractError, InvalidStateError
from sidecar.contract.types import CameraStateName
from sidecar.media.frame_slot import FrameTee

log = logging.getLogger(__name__)

OnState = Callable[[CameraStateName, ContractError | None], None]
OnFormat = Callable[[Format], None]


class CameraLifecycle:
    """Owns a camera from its opening to its release, and opens it again after losses.

    While the camera is lost, the frames of a placeholder replace the camera's. Every method is called on the
    event loop's thread, and so are `on_state` and `on_format`. `on_state` is called with each new state but "stopped",
    and with "recovering" again when the error has changed; `on_format` with each new format in force, before its
    frames where the size is known then. After "failed" the lifecycle waits for `stop`.
    """

    def __init__(
        self,
        device: Device,
        camera: Camera,
        drivers: Drivers,
        on_state: OnState,
        on_format: OnFormat,
        *,
        wanted_fps: float | None = None,
    ) -> None:
        """`wanted_fps` is the requested frame rate, if any; the camera's format may have another one."""
        self.device = device
        self.state: CameraStateName = "opening"
        self.problem: ContractError | None = None
        self._wanted = WantedFormat.of(camera.format, wanted_fps)
        self._requests = FormatRequests()
        self._drivers = drivers
        self._on_state = on_state
        self._on_format = on_format
        self._loop = asyncio.get_running_loop()
        self._captures = CapturePair(camera, drivers.policy, self._started, self._format_changed)
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
    def wanted_fps(self) -> float | None:
        """The requested frame rate, if any."""
        return self._wanted.rate

    @property
    def frames_left_out(self) -> int:
        """The number of the camera's frames that were left out to hold the frame rate in force."""
        return self._captures.frames_left_out

    @property
    def frames_captured(self) -> int:
        """The number of frames that the camera delivered, without the placeholder's."""
        return self._captures.frames_captured

    def start(self) -> None:
        """Start to capture and to supervise the camera."""
        self._drivers.add_in_use(self)
        self._captures.start()
        self._task = self._loop.create_task(self._run())

    async def set_format(self, wanted: RequestedFormat) -> Format:
        """Change to the format nearest to `wanted`, and return the format in force.

        Requests are carried out one after the other. A lost camera has the new format when it returns. An error changes
        nothing: FormatNotSupportedError for a camera with one format, the driver's error for a format that it refuses,
        and InvalidStateError when the camera has ended.
        """
        if self.state in ("failed", "stopped"):
            raise InvalidStateError("the camera has ended", hint="Start a new session.")
        if self._drivers.has_fixed_format(self.device):
            check_fixed(self.device.name, self.format, wanted)
            return self.format
        request = self._requests.add(wanted)
        if self.state in ("lost", "recovering"):
            request.grant(self.format)
        return await request.outcome

    def try_now(self) -> None:
        """End the delay before the next try: a camera was plugged in or out."""
        self._device_event.set()

    def fail(self, error: ContractError) -> None:
        """End the recovery for good, because the camera or its encoder cannot continue."""
        if self.state not in ("failed", "stopped"):
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
            self._requests.refuse_all(error)
            self._enter("failed", error)

    async def stop(self) -> None:
        """Release the camera; a hanging driver is abandoned. Takes twice `stop_timeout` and half a second at most."""
        self.state = "stopped"
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._requests.refuse_all(InvalidStateError("the camera was stopped", hint="Start a new session."))
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
            self._requests.grant_all(self.format)
            self._wanted = self._wanted._replace(asked=None)  # it may return with other formats
            self._captures.show_placeholder()
            await self._drivers.release(self.device, self._captures.capture)
            self._enter("recovering", error)
            camera = await self._open_again(error)
            if camera is None:
                return
            await self._captures.replace_camera(camera, self._wanted.limit)

    async def _until_lost(self) -> ContractError:
        """Wait until the camera is lost, and return the reason; carry out the requests for another format meanwhile."""
        while True:
            capture = self._captures.capture
            stalled = self._loop.create_task(self._stall(capture))
            try:
                while self._captures.capture is capture:
                    error = await self._until_lost_or_asked(stalled) or await self._carry_out(self._requests.all()[0])
                    if error is not None:
                        return error
            finally:
                stalled.cancel()

    async def _until_lost_or_asked(self, stalled: asyncio.Task[ContractError]) -> ContractError | None:
        """Return the reason when the capture thread reports a loss, or the camera stalls; None for a request."""
        lost = self._captures.lost
        asked = self._loop.create_task(self._requests.arrival())
        events: tuple[asyncio.Future[Any], ...] = (lost, stalled, asked)
        try:
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        return next((event.result() for event in (lost, stalled) if event.done()), None)

    async def _stall(self, capture: CaptureThread) -> ContractError:
        """Wait until the camera stalls, whatever is requested meanwhile, and return the reason."""
        stalls = self._drivers.policy.stalls
        watch = StallWatch(stalls, self._drivers.stall_limit(self.device), self._captures.opened.fps)
        while True:
            await asyncio.sleep(stalls.step)
            if watch.has_stalled(capture.frames_captured):
                return CameraFailedError(f"{self.device.name} delivered no picture for {watch.limit:g} s.")

    async def _open_again(self, problem: ContractError) -> Camera | None:
        """Try until the camera is open; return None when further tries are pointless."""
        while True:
            await self._wait_for_device_event(self._retries.next_delay())
            try:
                return await self._open_returned()
            except ContractError as error:
                if self._retries.is_over(error, self._loop.time()):
                    self.fail(error)
                    return None
                if error.kind != problem.kind:
                    self._enter("recovering", error)
                problem = error

    async def _open_returned(self) -> Camera:
        """Open a lost camera; at its former format when it refuses one that was requested meanwhile."""
        requests = self._requests.all()
        wanted = reduce(WantedFormat.changed, (request.wanted for request in requests), self._wanted)
        try:
            self.device, camera = await self._drivers.open_again(self.device, wanted.opening)
        except CameraFailedError:
            if wanted == self._wanted:
                raise
            self.device, camera = await self._drivers.open_again(self.device, self._wanted.opening)
            log.warning("%s: opened at its former format", self.device.device_id)
        else:
            self._wanted = wanted
        self._requests.remove(*requests)
        return camera

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

    def _format_changed(self, in_force: Format) -> None:
        log.info("%s: the format is %s now", self.device.device_id, in_force)
        self._on_format(in_force)

    # -- another format -----------------------------------------------------------------------------------------------

    async def _carry_out(self, request: FormatRequest) -> ContractError | None:
        """Carry out one request; return the reason when the camera is lost by it."""
        lost: ContractError | None = None
        try:
            await self._change_format(self._opened().changed(request.wanted))
            request.grant(self.format)
        except _LostError as error:
            lost = error.reason
            request.refuse(lost)
        except ContractError as error:
            log.warning("%s: the driver refuses another format (%s)", self.device.device_id, error.message)
            request.refuse(error)
        self._requests.remove(request)
        return lost

    async def _change_format(self, wanted: WantedFormat) -> None:
        opened, asked = self._captures.opened, self._wanted.asked
        nearest = opened if wanted.opening == asked else self._drivers.nearest_format(self.device, wanted.opening)
        if needs_reopening(opened, nearest, wanted.opening):
            await self._reopen(wanted)
        else:
            self._captures.limit_fps(wanted.limit)
            self._wanted = WantedFormat.of(opened, wanted.rate, wanted.limit, asked)

    async def _reopen(self, wanted: WantedFormat) -> None:
        """Open the camera at another format; at its former one when the driver refuses it."""
        await self._drivers.release(self.device, self._captures.capture)
        try:
            camera = await self._drivers.open(self.device, wanted.opening)
        except ContractError as refusal:
            try:
                camera = await self._drivers.open(self.device, self._opened().opening)
            except ContractError as error:
                raise _LostError(error) from refusal
            await self._captures.replace_camera(camera, self._wanted.limit)
            raise
        self._wanted = WantedFormat.of(camera.format, wanted.rate, wanted.limit, wanted.opening)
        await self._captures.replace_camera(camera, wanted.limit)

    def _opened(self) -> WantedFormat:
        """Return the format that the camera was opened with last, with the rate and the limit in force."""
        return self._wanted._replace(opening=WantedFormat.of(self._captures.opened, None).opening)


class _LostError(Exception):
    """The camera opens neither at the requested format nor at its former one."""

    def __init__(self, reason: ContractError) -> None:
        super().__init__(reason.message)
        self.reason = reason
