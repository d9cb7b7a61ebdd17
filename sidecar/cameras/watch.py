"""The hot-plug watch: notices cameras that are plugged in or out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from sidecar.cameras.describe import describe
from sidecar.cameras.device import Device
from sidecar.cameras.hotplug import DeviceEvents, device_events
from sidecar.contract import events
from sidecar.contract.errors import ContractError
from sidecar.contract.events import Notify

log = logging.getLogger(__name__)


class WatchPolicy(NamedTuple):
    """The intervals at which the system's cameras are polled, in seconds."""

    interval: float = 1.0
    """The time between two polls where the system reports no events, or after a poll that failed."""

    settle: float = 0.1
    """The time between an event and the poll: a webcam has two nodes, and udev sets their group a moment later."""


class CameraListing(Protocol):
    """The list of the system's cameras (cameras/drivers.py)."""

    async def available(self) -> Sequence[Device]:
        """Return every camera. Raises ContractError."""

    async def fingerprint(self) -> object:
        """Return a value that changes with the list of cameras; much cheaper than the list."""


class CameraWatch:
    """Sends cameras_changed when a camera was plugged in or out, and calls `on_change` so that lost ones are retried.

    The cameras are polled when the system reports an event, otherwise every `policy.interval` seconds. A poll is
    cheap: the cameras are listed only when their fingerprint has changed.
    """

    def __init__(
        self,
        cameras: CameraListing,
        notify: Notify,
        on_change: Callable[[], None],
        *,
        listen: Callable[[], DeviceEvents | None] = device_events,
        policy: WatchPolicy | None = None,
    ) -> None:
        """`on_change` is called at each event about a camera, and after each change of the list of cameras."""
        self._cameras = cameras
        self._notify = notify
        self._on_change = on_change
        self._listen = listen
        self._policy = policy or WatchPolicy()
        self._events: DeviceEvents | None = None
        self._due = asyncio.Event()
        self._fingerprint: object = None
        self._known: frozenset[str] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        try:
            self._events = self._listen()
        except OSError as error:
            log.warning("no hot-plug events from the system (%s): cameras are polled instead", error.strerror)
        if self._events is not None:
            asyncio.get_running_loop().add_reader(self._events.fileno(), self._take)
        self._task = asyncio.create_task(self._watch())

    async def aclose(self) -> None:
        """End the watch and its event descriptor."""
        self._close_events()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            succeeded = True
            try:
                await self._poll()
            except ContractError as error:
                log.warning("cameras could not be listed: %s", error.message)
                succeeded = False
            await self._until_due(succeeded)

    async def _until_due(self, succeeded: bool) -> None:
        """Wait for an event, and then until the device has settled.

        At most `policy.interval` seconds when there are no events, or when the last poll failed.
        """
        limit = None if succeeded and self._events is not None else self._policy.interval
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._due.wait()
                await asyncio.sleep(self._policy.settle)
        self._due.clear()

    def _take(self) -> None:
        assert self._events is not None
        try:
            due = self._events.take()
        except OSError as error:
            log.warning("hot-plug events of the system ended (%s): cameras are polled instead", error.strerror)
            self._close_events()
            due = True
        if due:
            self._due.set()
            self._on_change()

    def _close_events(self) -> None:
        if self._events is not None:
            asyncio.get_running_loop().remove_reader(self._events.fileno())
            self._events.close()
            self._events = None

    async def _poll(self) -> None:
        fingerprint = await self._cameras.fingerprint()
        if fingerprint == self._fingerprint:
            return
        devices = await self._cameras.available()
        self._fingerprint = fingerprint
        self._compare(devices)
        self._on_change()

    def _compare(self, devices: Sequence[Device]) -> None:
        now = frozenset(device.device_id for device in devices)
        known, self._known = self._known, now
        if known is None or known == now:
            return
        self._notify(
            "cameras_changed",
            events.CamerasChanged(
                cameras=[describe(device) for device in devices],
                added=sorted(now - known),
                removed=sorted(known - now),
            ),
        )
