"""Notices cameras that come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sidecar.cameras.device import Device
from sidecar.contract import events
from sidecar.contract.errors import ContractError
from sidecar.sessions.cameras import Cameras
from sidecar.sessions.describe import describe
from sidecar.sessions.limits import WATCH_INTERVAL
from sidecar.sessions.notify import Notify

log = logging.getLogger(__name__)


class CameraWatch:
    """Sends cameras_changed when a camera was plugged in or out since the last look.

    A look is cheap: the cameras are listed only when `Cameras.fingerprint` differs.
    """

    def __init__(self, cameras: Cameras, notify: Notify) -> None:
        self._cameras = cameras
        self._notify = notify
        self._known: frozenset[str] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look every WATCH_INTERVAL seconds from now on."""
        self._task = asyncio.create_task(self._watch())

    async def aclose(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        last: object = None
        while True:
            try:
                fingerprint = await self._cameras.fingerprint()
                if fingerprint != last:
                    self._compare(await self._cameras.available())
                    last = fingerprint
            except ContractError as error:
                log.warning("cameras could not be listed: %s", error.message)
            await asyncio.sleep(WATCH_INTERVAL)

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
