"""Methods about statistics; their result, `Stats`, is a shared type."""

from typing import Final

from pydantic import Field

from sidecar.contract import examples
from sidecar.contract.errors import ConnectionNotFoundError
from sidecar.contract.limits import MIN_STATS_INTERVAL_MS
from sidecar.contract.method import Example, Method
from sidecar.contract.models import Done, Params
from sidecar.contract.types import ConnectionId, Stats


class GetStatsParams(Params):
    connection_id: ConnectionId | None = None


class SubscribeStatsParams(Params):
    interval_ms: int = Field(
        ge=0,
        le=3_600_000,
        description=f"milliseconds between two; 0 stops; less than {MIN_STATS_INTERVAL_MS} counts as "
        f"{MIN_STATS_INTERVAL_MS}",
    )


GET_STATS: Final = Method(
    name="get_stats",
    summary="Statistics of one connection and its camera, or of all.",
    params=GetStatsParams,
    result=Stats,
    errors=(ConnectionNotFoundError,),
    example=Example({"connection_id": examples.CONNECTION_ID}, examples.STATS),
)

SUBSCRIBE_STATS: Final = Method(
    name="subscribe_stats",
    summary="Send the stats notification regularly.",
    params=SubscribeStatsParams,
    result=Done,
    example=Example({"interval_ms": 1000}, {}),
)
