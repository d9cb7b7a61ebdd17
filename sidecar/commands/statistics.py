"""Methods about statistics."""

from __future__ import annotations

from sidecar.commands.services import Services
from sidecar.contract.methods import Done, GetStatsParams, SubscribeStatsParams
from sidecar.contract.types import Stats


async def get_stats(services: Services, params: GetStatsParams) -> Stats:
    """A snapshot."""
    return services.statistics.collect(params.connection_id)


async def subscribe_stats(services: Services, params: SubscribeStatsParams) -> Done:
    """From now on regularly, or no more."""
    await services.statistics.subscribe(params.interval_ms)
    return Done()
