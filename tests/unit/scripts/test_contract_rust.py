"""The plugin's tables of the contract: the methods for pages and their permissions."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import get_args

from contract_rust import DEFAULT, SETS, command_of, commands, commands_module, default_permission, permission_sets

from sidecar.contract.method import Permission
from sidecar.contract.methods import METHODS

COMMANDS = {command_of(method.name) for method in METHODS} - {"shutdown"} | {"listen", "log", "state"}
VIEWING = set(tomllib.loads(default_permission(METHODS))["default"]["permissions"])
OTHERS = {each["identifier"]: set(each["permissions"]) for each in tomllib.loads(permission_sets(METHODS))["set"]}


def test_every_method_that_pages_may_call_is_a_command() -> None:
    assert commands(METHODS).keys() == COMMANDS
    assert set(re.findall(r'^    "(\w+)",$', commands_module(METHODS), re.M)) == COMMANDS


def test_every_command_is_in_the_default_or_in_one_set() -> None:
    listed = Counter(permission for one in (VIEWING, *OTHERS.values()) for permission in one)
    assert listed.keys() == {f"allow-{command.replace('_', '-')}" for command in COMMANDS}
    assert set(listed.values()) == {1}


def test_every_permission_of_the_contract_is_in_the_default_or_a_set() -> None:
    assert set(get_args(Permission)) | {"log"} == {*DEFAULT, *SETS}


def test_the_default_includes_nothing_that_a_viewer_does_not_need() -> None:
    needless = {"start-streaming", "take-photo", "set-encoding", "request-keyframe", "request-camera-permission", "log"}
    assert not VIEWING & {f"allow-{command}" for command in needless}
