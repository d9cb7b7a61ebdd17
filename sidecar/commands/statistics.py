"""Methods about statistics."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from sidecar.commands.handlers import handles
from sidecar.commands.services import Services
from sidecar.contract.methods import statistics as contract
from sidecar.contract.types import Done, Stats

log = logging.getLogger(__name__)


@handles(contract.GET_STATS)
async def get_stats(services: Services, params: contract.GetStatsParams) -> Stats:
    """A snapshot."""
    if log.isEnabledFor(logging.DEBUG):
        _log_tasks()
    return services.statistics.collect(params.connection_id)


@handles(contract.SUBSCRIBE_STATS)
async def subscribe_stats(services: Services, params: contract.SubscribeStatsParams) -> Done:
    """From now on regularly, or no more."""
    services.statistics.subscribe(params.interval_ms)
    return Done()


def _log_tasks() -> None:
    """How many tasks there are, and of what: one that is never ended shows from outside."""
    tasks = asyncio.all_tasks()
    kinds = Counter(getattr(task.get_coro(), "__qualname__", "unknown") for task in tasks)
    log.debug("%d tasks: %s", len(tasks), ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
