"""Notices cameras that come and go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Final

from sidecar.cameras.describe import describe
from sidecar.cameras.device import Device
from sidecar.cameras.hotplug import DeviceEvents, device_events
from sidecar.contract import events
from sidecar.contract.errors import ContractError
from sidecar.contract.events import Notify
from sidecar.limits import WATCH_INTERVAL
from sidecar.streams.registry import Cameras

log = logging.getLogger(__name__)

SETTLE: Final = 0.1
"""Seconds between an event and the look: a webcam has two nodes, and udev gives them their group a moment later."""


class CameraWatch:
    """Sends cameras_changed when a camera was plugged in or out, and has those tried at once that are awaited.

    It looks when the system says that something changed; where the system says nothing, every WATCH_INTERVAL seconds.
    A look is cheap: the cameras are listed only when `Cameras.fingerprint` differs.
    """

    def __init__(
        self, cameras: Cameras, notify: Notify, listen: Callable[[], DeviceEvents | None] = device_events
    ) -> None:
        self._cameras = cameras
        self._notify = notify
        self._listen = listen
        self._events: DeviceEvents | None = None
        self._due = asyncio.Event()
        self._fingerprint: object = None
        self._known: frozenset[str] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on."""
        try:
            self._events = self._listen()
        except OSError as error:
            log.warning("the system does not tell of cameras (%s): they are looked for every second", error.strerror)
        if self._events is not None:
            asyncio.get_running_loop().add_reader(self._events.fileno(), self._take)
        self._task = asyncio.create_task(self._watch())

    async def aclose(self) -> None:
        """Watch no more."""
        self._listen_no_more()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            seen = True
            try:
                await self._look()
            except ContractError as error:
                log.warning("cameras could not be listed: %s", error.message)
                seen = False
            await self._until_due(seen)

    async def _until_due(self, seen: bool) -> None:
        """Wait for an event, and then until the device has settled.

        For WATCH_INTERVAL seconds at the longest when there are no events, or the last look did not see anything.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if seen and self._events is not None else WATCH_INTERVAL):
                await self._due.wait()
                await asyncio.sleep(SETTLE)
        self._due.clear()

    def _take(self) -> None:
        assert self._events is not None
        try:
            due = self._events.take()
        except OSError as error:
            log.warning("the system tells no more of cameras (%s): they are looked for every second", error.strerror)
            self._listen_no_more()
            due = True
        if due:
            self._due.set()
            self._cameras.try_lost_ones()

    def _listen_no_more(self) -> None:
        if self._events is not None:
            asyncio.get_running_loop().remove_reader(self._events.fileno())
            self._events.close()
            self._events = None

    async def _look(self) -> None:
        fingerprint = await self._cameras.fingerprint()
        if fingerprint == self._fingerprint:
            return
        devices = await self._cameras.available()
        self._fingerprint = fingerprint
        self._compare(devices)
        self._cameras.try_lost_ones()

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
