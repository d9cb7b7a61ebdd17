"""Every part of the contract is tested: compares the checked messages of this folder with the contract.

The checks themselves refuse messages that are not in the contract.
"""

from __future__ import annotations

import pytest

from sidecar.contract.errors import ERRORS
from sidecar.contract.events import EVENTS
from sidecar.contract.methods import METHODS
from tests.support.contract_schemas import VALIDATED

NEEDS_A_DEVICE = {"camera_busy", "cameras_changed"}
"""Parts that need a real camera: tests/camera_vm/inside/test_contract.py tests them."""

NEEDS_A_FAULT = {"encoder_failed"}
"""Pictures of every size and format are converted to some that x264 takes, so only a fault of x264 brings this about:
tests/unit/encoding and tests/unit/streams put one in."""


@pytest.mark.parametrize(
    ("what", "of_the_contract", "heard"),
    [
        ("method answered with a result", {method.name for method in METHODS}, VALIDATED.methods),
        ("error", {error.kind for error in ERRORS} - NEEDS_A_DEVICE - NEEDS_A_FAULT, VALIDATED.errors),
        ("notification", {event.name for event in EVENTS} - NEEDS_A_DEVICE, VALIDATED.events),
    ],
    ids=["methods", "errors", "notifications"],
)
@pytest.mark.usefixtures("after_all_others")
def test_all_of_the_contract_was_heard(what: str, of_the_contract: set[str], heard: set[str]) -> None:
    assert of_the_contract - heard == set(), f"no test has heard such a {what}"
