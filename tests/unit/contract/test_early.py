from __future__ import annotations

from sidecar.contract import early
from sidecar.contract.events import Ready
from sidecar.contract.methods import PingResult


def test_the_messages_made_without_models_fit_the_models() -> None:
    assert Ready.model_validate(early.ready()).model_dump() == early.ready()
    assert PingResult.model_validate(early.ping()).wall_ms > 0
