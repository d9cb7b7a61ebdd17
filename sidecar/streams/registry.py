"""The open streams: each camera is opened once, and released after its last use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sidecar.cameras.device import Device, Format, RequestedFormat
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.sources.display import next_id
from sidecar.contract.errors import ContractError, LimitExceededError
from sidecar.contract.types import CameraStateName, CameraStats, EncodingOptions
from sidecar.streams.policy import StreamPolicy

if TYPE_CHECKING:
    from sidecar.streams.stream import Stream

log = logging.getLogger(__name__)

Announce = Callable[[str, CameraStateName, ContractError | None], None]
"""Receives the device id, the state and the problem of a camera that is being opened."""

OnState = Callable[["Stream", CameraStateName, ContractError | None], None]
"""Receives each state of an open stream's camera, with the problem if there is one."""

OnFormat = Callable[["Stream", Format], None]
"""Receives each new format of an open stream's camera."""


class _CameraLock:
    """The lock under which one camera is opened and released; `device_id` is reserved while the camera is opened."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0
        self.device_id: str | None = None


class StreamRegistry:
    """Opens a stream for each camera, however many users it has, and stops it after the last one.

    A stream is registered from before its threads start until they have ended. All on the event loop's thread.
    """

    def __init__(
        self,
        drivers: Drivers,
        on_state: OnState,
        on_format: OnFormat,
        on_idle: Callable[[], None],
        policy: StreamPolicy,
    ) -> None:
        """`on_idle` is called when the last stream has stopped."""
        self._drivers = drivers
        self._on_state = on_state
        self._on_format = on_format
        self._on_idle = on_idle
        self._policy = policy
        self._open: dict[Hashable, Stream] = {}  # by Device.key
        self._users: dict[Hashable, int] = {}  # by Device.key
        self._locks: dict[Hashable, _CameraLock] = {}  # by Device.key
        self._stopping: set[asyncio.Task[None]] = set()

    async def acquire(
        self, device: Device, wanted: RequestedFormat, options: EncodingOptions, announce: Announce
    ) -> Stream:
        """Return the stream of a camera, and open it if needed; each acquired stream has to be released once.

        The format and the options of the first use hold for all uses. `announce` is called when the opening begins, and
        with the error if it fails. Raises LimitExceededError, and as Drivers.open.
        """
        async with self._locked(device) as lock:
            stream = self._open.get(device.key)
            if stream is not None and stream.state == "failed":
                await self._stop(stream)
                stream = None
            if stream is None:
                self._check_limit()
                device = replace(device, device_id=self._reserve_id(device.device_id, lock))
                stream = await self._open_stream(device, wanted, options, announce)
            self._users[device.key] += 1
            return stream

    async def release(self, stream: Stream) -> None:
        """End one use of a stream; after the last one, stop it and wait until its camera is released.

        A stream whose camera has failed is stopped at once.
        """
        async with self._locked(stream.device):
            if self._open.get(stream.device.key) is stream:
                self._users[stream.device.key] -= 1
                if stream.state == "failed" or not self._users[stream.device.key]:
                    await self._stop(stream)

    def is_open(self, device_id: str) -> bool:
        """Return whether the camera with this id is open."""
        return any(stream.device.device_id == device_id for stream in self._open.values())

    @property
    def any_open(self) -> bool:
        """Whether any camera is open."""
        return bool(self._open)

    def retry_lost_cameras(self) -> None:
        """Retry every lost camera at once, because a camera may have been plugged in."""
        for stream in self._open.values():
            stream.try_now()

    def stats(self) -> list[CameraStats]:
        """Return a snapshot of the counters of each open camera."""
        return [stream.stats() for stream in self._open.values()]

    async def aclose(self) -> None:
        """Stop every stream, used or not."""
        await asyncio.gather(*map(self._stop_alone, tuple(self._open.values())), *self._stopping)

    # -- opening and stopping -----------------------------------------------------------------------------------------

    async def _open_stream(
        self, device: Device, wanted: RequestedFormat, options: EncodingOptions, announce: Announce
    ) -> Stream:
        from sidecar.streams.stream import Stream  # encoders and picture libraries

        announce(device.device_id, "opening", None)
        try:
            camera = await self._drivers.open(device, wanted)
        except ContractError as error:
            announce(device.device_id, "failed", error)
            raise
        stream = Stream(
            device,
            camera,
            options,
            self._drivers,
            lambda state, problem: self._changed(stream, state, problem),
            lambda in_force: self._on_format(stream, in_force),
            wanted_fps=wanted.fps,
            policy=self._policy,
        )
        self._open[device.key] = stream
        self._users[device.key] = 0
        stream.start()
        log.info("%s: opened at %s", device.device_id, stream.format)
        return stream

    async def _stop_alone(self, stream: Stream) -> None:
        async with self._locked(stream.device):
            if self._open.get(stream.device.key) is stream:
                await self._stop(stream)

    async def _stop(self, stream: Stream) -> None:
        """Stop a stream, with its camera's lock held."""
        await stream.stop()
        del self._open[stream.device.key]
        del self._users[stream.device.key]
        log.info("%s: released", stream.device.device_id)
        if not self._open:
            self._on_idle()

    def _changed(self, stream: Stream, state: CameraStateName, problem: ContractError | None) -> None:
        level = logging.INFO if problem is None else logging.WARNING
        reason = "" if problem is None else f" ({problem.message})"
        log.log(level, "%s: %s%s", stream.device.device_id, state, reason)
        self._on_state(stream, state, problem)
        if state == "failed":
            task = asyncio.create_task(self._stop_alone(stream))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

    # -- limits, ids and locks ----------------------------------------------------------------------------------------

    def _check_limit(self) -> None:
        maximum = self._policy.max_cameras
        if len(self._open) >= maximum:
            message = f"there are {maximum} cameras already"
            raise LimitExceededError(message, details={"limit": "cameras", "maximum": maximum})

    def _reserve_id(self, device_id: str, lock: _CameraLock) -> str:
        """Return the id for a camera that is opened under `lock`, and reserve it.

        The id is numbered when another camera in use has the same id: the ids of two logins of one network camera are
        equal.
        """
        taken = {stream.device.device_id for stream in self._open.values()}
        taken.update(other.device_id for other in self._locks.values() if other is not lock and other.device_id)
        while device_id in taken:
            device_id = next_id(device_id)
        lock.device_id = device_id
        return device_id

    @asynccontextmanager
    async def _locked(self, device: Device) -> AsyncIterator[_CameraLock]:
        lock = self._locks.setdefault(device.key, _CameraLock())
        lock.users += 1
        try:
            async with lock.lock:
                yield lock
        finally:
            lock.users -= 1
            if not lock.users:
                self._locks.pop(device.key, None)
