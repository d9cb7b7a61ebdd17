"""Statistics on demand and at regular intervals."""

from __future__ import annotations

import asyncio
import time

from sidecar.connections.connections import Connections
from sidecar.contract.events import Notify
from sidecar.contract.limits import MIN_STATS_INTERVAL_MS
from sidecar.contract.types import CameraStats, ConnectionStats, Stats
from sidecar.statistics.policy import QualityPolicy
from sidecar.statistics.quality import QualityMeter
from sidecar.streams.registry import StreamRegistry


class Statistics:
    """Collects the counters of cameras and connections.

    From `start` on it samples them while there is a connection, so that the quality in the first get_stats rests on the
    seconds before it.
    """

    def __init__(
        self, streams: StreamRegistry, connections: Connections, notify: Notify, *, policy: QualityPolicy | None = None
    ) -> None:
        self._streams = streams
        self._connections = connections
        self._notify = notify
        self._policy = policy or QualityPolicy()
        self._meters: dict[str, QualityMeter] = {}
        self._sending: asyncio.Task[None] | None = None
        self._sampling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to sample."""
        self._sampling = asyncio.create_task(self._sample())

    def collect(self, connection_id: str | None = None) -> Stats:
        """Return the statistics of all cameras and connections, or of one connection and its camera.

        A closed connection has no statistics.

        Raises ConnectionNotFoundError.
        """
        cameras = self._streams.stats()
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

    def subscribe(self, interval_ms: int) -> None:
        """Send the stats notification every `interval_ms`, at least MIN_STATS_INTERVAL_MS; 0 stops it."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        if interval_ms:
            self._sending = asyncio.create_task(self._send(max(interval_ms, MIN_STATS_INTERVAL_MS) / 1000))

    async def aclose(self) -> None:
        """Stop sending and sampling."""
        tasks = [task for task in (self._sending, self._sampling) if task is not None]
        self._sending = self._sampling = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _judge(self, cameras: list[CameraStats], connections: list[ConnectionStats]) -> None:
        """Fill in the quality of each connection; the meters of closed connections are dropped."""
        meters = {each.connection_id: self._meter_of(each) for each in connections}
        by_device = {camera.device_id: camera for camera in cameras}
        for connection in connections:
            camera = by_device.get(connection.device_id or "")
            connection.quality = meters[connection.connection_id].sample(camera, connection)
        self._meters = meters

    def _meter_of(self, connection: ConnectionStats) -> QualityMeter:
        return self._meters.get(connection.connection_id) or QualityMeter(self._policy)

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(self._policy.sample_interval)
            connections = self._connections.all()
            if connections:
                self._judge(self._streams.stats(), [connection.stats() for connection in connections])

    async def _send(self, interval: float) -> None:
        while True:
            self._notify("stats", self.collect())
            await asyncio.sleep(interval)
