"""Statistics, on demand and regularly."""

from __future__ import annotations

import asyncio
import time

from sidecar.connections.registry import Connections
from sidecar.contract.events import Notify
from sidecar.contract.types import CameraStats, ConnectionStats, Stats
from sidecar.limits import STATS_INTERVAL_MIN
from sidecar.statistics.quality import SPACING, QualityMeter
from sidecar.streams.registry import Cameras


class Statistics:
    """Collects what cameras and connections count.

    Once started, it judges the quality of every connection as long as there is one, so that the first get_stats finds
    evidence of the seconds before it.
    """

    def __init__(self, cameras: Cameras, connections: Connections, notify: Notify) -> None:
        self._cameras = cameras
        self._connections = connections
        self._notify = notify
        self._task: asyncio.Task[None] | None = None
        self._meters: dict[str, QualityMeter] = {}
        self._sampling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to gather evidence."""
        self._sampling = asyncio.create_task(self._sample())

    def collect(self, connection_id: str | None = None) -> Stats:
        """Of all, or of one connection and its camera. Raises ConnectionNotFoundError; a closed one has none left."""
        cameras = self._cameras.stats()
        connections = [connection.stats() for connection in self._connections.all()]
        self._judge(cameras, connections)
        if connection_id is not None:
            self._connections.is_closed(connection_id)
            connections = [stats for stats in connections if stats.connection_id == connection_id]
            shown = {stats.device_id for stats in connections}
            cameras = [stats for stats in cameras if stats.device_id in shown]
        return Stats(
            monotonic_ms=time.monotonic() * 1000, wall_ms=time.time() * 1000, cameras=cameras, connections=connections
        )

    def _judge(self, cameras: list[CameraStats], connections: list[ConnectionStats]) -> None:
        ids = [connection.connection_id for connection in connections]
        self._meters = {each: self._meters.get(each) or QualityMeter() for each in ids}
        by_device = {camera.device_id: camera for camera in cameras}
        for connection in connections:
            camera = by_device.get(connection.device_id or "")
            connection.quality = self._meters[connection.connection_id].look(camera, connection)

    async def subscribe(self, interval_ms: int) -> None:
        """Send the stats notification every `interval_ms` milliseconds, STATS_INTERVAL_MIN at the least; 0 stops."""
        # Without a wait in between: two that come at once must not each start a task.
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if interval_ms:
            self._task = asyncio.create_task(self._send(max(interval_ms / 1000, STATS_INTERVAL_MIN)))

    async def aclose(self) -> None:
        """Stop sending, and gathering evidence."""
        tasks = [task for task in (self._task, self._sampling) if task is not None]
        self._task = self._sampling = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SPACING)
            connections = self._connections.all()
            if connections:
                self._judge(self._cameras.stats(), [connection.stats() for connection in connections])

    async def _send(self, interval: float) -> None:
        while True:
            self._notify("stats", self.collect())
            await asyncio.sleep(interval)
