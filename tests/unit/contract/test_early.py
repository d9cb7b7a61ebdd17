from __future__ import annotations

from sidecar.contract import early
from sidecar.contract.events import Ready
from sidecar.contract.methods import PingResult


def test_what_is_said_before_the_models_are_there_is_what_the_models_describe() -> None:
    assert Ready.model_validate(early.ready()).model_dump() == early.ready()
    assert PingResult.model_validate(early.ping()).wall_ms > 0
