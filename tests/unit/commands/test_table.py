"""Every row of the contract has its handler, and every import that a row names can be done."""

from __future__ import annotations

from importlib.util import find_spec
from typing import get_type_hints
from unittest.mock import Mock

import pytest

from sidecar.commands import process
from sidecar.commands.handlers import HANDLERS, handles
from sidecar.commands.imports import PRELOADED
from sidecar.commands.services import Services
from sidecar.commands.table import rpc_methods
from sidecar.contract.method import AnyMethod
from sidecar.contract.methods import METHODS
from sidecar.contract.methods.connections import START_CAMERA_WEBRTC_SESSION
from sidecar.contract.methods.process import PING


def test_every_method_has_a_handler_and_there_is_no_other() -> None:
    bound = rpc_methods(
        Services(
            drivers=Mock(),
            sessions=Mock(),
            connections=Mock(),
            statistics=Mock(),
            shut_down=Mock(),
            bytes_unsent=Mock(),
        )
    )
    assert [each.name for each in bound] == [method.name for method in METHODS]
    assert HANDLERS.keys() == {method.name for method in METHODS}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_handler_takes_the_parameters_and_returns_the_result_of_its_row(method: AnyMethod) -> None:
    hints = get_type_hints(HANDLERS[method.name])
    assert (hints["params"], hints["return"]) == (method.params, method.result)


def test_a_second_handler_for_a_method_is_refused() -> None:
    with pytest.raises(AssertionError, match="ping has two handlers"):
        handles(PING)(process.ping)


@pytest.mark.parametrize("module", sorted({module for method in METHODS for module in method.imports}))
def test_a_module_that_a_row_names_exists(module: str) -> None:
    assert find_spec(module) is not None


def test_the_modules_of_the_first_offer_are_among_the_preloaded() -> None:
    needed = [name for name in START_CAMERA_WEBRTC_SESSION.imports if name != "sidecar.cameras.listing_libav"]
    assert (*needed, "sidecar.webrtc.rtp.rtp_session") == PRELOADED
