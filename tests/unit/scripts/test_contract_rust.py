"""The shell's tables of the contract: the methods for pages and their permissions."""

from __future__ import annotations

import tomllib

import pytest
from contract_rust import CALL, LOG, identifier_of, permissions

from sidecar.contract.methods import METHODS

PERMISSIONS = {each["identifier"]: each for each in tomllib.loads(permissions(METHODS))["permission"]}
NAMES = {method.name for method in METHODS}
VIEW = identifier_of("view")


def methods_of(identifier: str) -> set[str]:
    """The methods among the commands that a permission allows."""
    return NAMES & set(PERMISSIONS[identifier]["commands"]["allow"])


def test_every_method_that_pages_may_call_is_in_one_permission() -> None:
    listed = [method for identifier in PERMISSIONS for method in methods_of(identifier)]
    assert len(listed) == len(set(listed))
    assert set(listed) == NAMES - {"shutdown"}


@pytest.mark.parametrize("identifier", PERMISSIONS)
def test_a_permission_allows_a_method_in_both_spellings_or_in_neither(identifier: str) -> None:
    scope = {each["method"] for each in PERMISSIONS[identifier].get("scope", {}).get("allow", [])}
    assert scope == methods_of(identifier)
    assert (CALL in PERMISSIONS[identifier]["commands"]["allow"]) == bool(scope)


def test_viewing_includes_nothing_that_showing_a_camera_does_not_need() -> None:
    assert not methods_of(VIEW) & {"start_streaming", "set_encoding", "request_keyframe", "request_camera_permission"}
    assert "sidecar_log" not in PERMISSIONS[VIEW]["commands"]["allow"]
    assert PERMISSIONS[LOG]["commands"]["allow"] == ["sidecar_log"]
