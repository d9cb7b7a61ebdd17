"""The counters of the statistics: declared in one model, counted in place, flat on the wire."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, ValidationError

from sidecar.contract.models import Counters
from sidecar.contract.schemas import definitions
from sidecar.contract.types import (
    ConnectionStats,
    EncoderStats,
    EncodingStats,
    FramesDropped,
    Latency,
    OutboundStats,
)


def connection(outbound: OutboundStats) -> ConnectionStats:
    return ConnectionStats(
        connection_id="c",
        session_id=None,
        device_id=None,
        state="connected",
        transport="webrtc",
        encoding=None,
        time_to_first_frame_ms=None,
        **vars(outbound),
    )


@pytest.mark.parametrize("model", [OutboundStats, EncoderStats, FramesDropped])
def test_counters_begin_at_zero_and_measurements_as_unknown(model: type[Counters]) -> None:
    assert all(value in (0, None, Latency()) for _, value in model())


def test_counters_are_on_the_wire_beside_the_connections_own_members() -> None:
    outbound = OutboundStats()
    outbound.packets_sent += 2
    outbound.encoded_to_sent_ms = Latency(p50=1.5, p95=2.5)
    wire = json.loads(connection(outbound).model_dump_json())
    assert wire["connection_id"] == "c"
    assert (wire["packets_sent"], wire["bytes_sent"], wire["jitter_ms"]) == (2, 0, None)
    assert wire["encoded_to_sent_ms"] == {"p50": 1.5, "p95": 2.5}


def test_a_snapshot_does_not_follow_the_counter() -> None:
    outbound = OutboundStats()
    snapshot = connection(outbound)
    outbound.packets_sent += 1
    assert snapshot.packets_sent == 0


def test_two_instances_count_separately() -> None:
    one, other = OutboundStats(), OutboundStats()
    one.encoded_to_sent_ms.p50 = 1.0
    one.packets_sent += 1
    assert (other.encoded_to_sent_ms.p50, other.packets_sent) == (None, 0)


def test_a_counter_that_the_contract_does_not_name_is_refused() -> None:
    outbound = OutboundStats()
    outbound.__dict__["packets_snet"] = 1
    with pytest.raises(ValidationError, match="packets_snet"):
        connection(outbound)


@pytest.mark.parametrize("model", [ConnectionStats, EncodingStats, FramesDropped])
def test_the_schema_requires_every_counter_and_shows_no_default(model: type[BaseModel]) -> None:
    schema = definitions([(model, "serialization")], "#/definitions/")[model.__name__]
    counters = set(OutboundStats.model_fields) | set(EncoderStats.model_fields) | set(FramesDropped.model_fields)
    shown = {name: member for name, member in schema["properties"].items() if name in counters}
    assert shown
    assert shown.keys() <= set(schema["required"])
    assert not [name for name, member in shown.items() if "default" in member]
