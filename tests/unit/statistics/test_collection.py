"""The stats notification."""

from __future__ import annotations

import asyncio

from sidecar.connections.connections import Connections
from sidecar.contract.limits import MIN_STATS_INTERVAL_MS
from sidecar.statistics.collection import Statistics
from sidecar.streams.sessions import Sessions
from tests.support.notifications import Notifications


def tasks() -> set[asyncio.Task[object]]:
    """Return the running tasks, without the test's own."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def test_only_the_newest_subscription_sends_and_0_ends_it(
    sessions: Sessions, connections: Connections, notifications: Notifications
) -> None:
    statistics = Statistics(sessions.streams, connections, notifications)
    for _ in range(3):
        statistics.subscribe(MIN_STATS_INTERVAL_MS)
    await notifications.wait_for("stats")
    assert len(tasks()) == 1
    statistics.subscribe(0)
    _, still_sending = await asyncio.wait(tasks(), timeout=5)
    assert not still_sending


async def test_the_end_stops_the_notification_and_the_sampling(
    sessions: Sessions, connections: Connections, notifications: Notifications
) -> None:
    statistics = Statistics(sessions.streams, connections, notifications)
    statistics.start()
    statistics.subscribe(MIN_STATS_INTERVAL_MS)
    assert len(tasks()) == 2
    await statistics.aclose()
    assert not tasks()
