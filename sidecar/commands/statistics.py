"""Methods about statistics."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract.methods import statistics as contract
from sidecar.contract.models import Done
from sidecar.contract.types import Stats

log = logging.getLogger(__name__)


@handles(contract.GET_STATS)
async def get_stats(services: Services, params: contract.GetStatsParams) -> Stats:
    """Return a snapshot of the statistics."""
    if log.isEnabledFor(logging.DEBUG):
        _log_tasks()
    return services.statistics.collect(params.connection_id)


@handles(contract.SUBSCRIBE_STATS)
async def subscribe_stats(services: Services, params: contract.SubscribeStatsParams) -> Done:
    """Start or stop the stats notification."""
    services.statistics.subscribe(params.interval_ms)
    return Done()


def _log_tasks() -> None:
    """Log the number of tasks of each coroutine, so that a leaked task shows in the log."""
    tasks = asyncio.all_tasks()
    kinds = Counter(getattr(task.get_coro(), "__qualname__", "unknown") for task in tasks)
    log.debug("%d tasks: %s", len(tasks), ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
