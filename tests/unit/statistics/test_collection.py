"""The regular statistics."""

from __future__ import annotations

import asyncio

from sidecar.connections.registry import Connections
from sidecar.statistics.collection import Statistics
from sidecar.streams.registry import Cameras
from tests.support.notifications import Notifications


async def test_two_subscriptions_at_once_are_one_and_end_with_it(
    cameras: Cameras, connections: Connections, notifications: Notifications
) -> None:
    current = asyncio.current_task()
    statistics = Statistics(cameras, connections, notifications)
    await statistics.subscribe(100)
    await asyncio.gather(statistics.subscribe(100), statistics.subscribe(100))
    await notifications.wait_for("stats")
    await statistics.subscribe(0)
    _, still_sending = await asyncio.wait([task for task in asyncio.all_tasks() if task is not current], timeout=5)
    assert not still_sending
