from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract_schemas import check_notification, check_response
from tests.support.golden import Conversation, Golden, Step, fits, read_golden
from tests.support.sidecar_process import RawProcess, raw_process, sidecar_command

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.io"))


def methods_by_id(steps: list[Step]) -> dict[Any, str]:
    """Return the method of each request id; invalid requests are left out."""
    methods = {}
    for step in steps:
        if step.goes_in:
            try:
                value = json.loads(step.text)
            except ValueError:
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and "id" in item and "method" in item:
                    methods[item["id"]] = item["method"]
    return methods


@pytest.fixture
def process_for(raw_sidecar: RawProcess, sidecar_program: str | None) -> Iterator[Callable[[Golden], RawProcess]]:
    """The process that a conversation is held with: the module's, or one of its own with the arguments it asks for."""
    with ExitStack() as stack:

        def start(golden: Golden) -> RawProcess:
            if golden.arguments is None:
                return raw_sidecar
            return stack.enter_context(raw_process(sidecar_command(sidecar_program, *golden.arguments)))

        yield start


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_conversation_goes_as_it_is_written_and_keeps_to_the_schemas(
    process_for: Callable[[Golden], RawProcess], path: Path
) -> None:
    golden = read_golden(path)
    conversation = Conversation(process_for(golden))
    for step in golden.steps:
        conversation.replay(step)
    methods = methods_by_id(golden.steps)
    for message in conversation.heard:
        if isinstance(message, dict) and "method" in message:
            check_notification(message)
            continue
        for response in message if isinstance(message, list) else [message]:
            check_response(response, methods.get(response["id"]))


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ({"a": "<integer>"}, {"a": 1}, True),
        ({"a": "<integer>"}, {"a": True}, False),
        ({"a": "<integer>"}, {"a": "1"}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "...": ""}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": "<any>"}, {"a": 1}, False),
        ([1, "<number>"], [1, 2.5], True),
        ([1], [1, 2], False),
        (1, 1.0, False),
        (False, 0, False),
    ],
)
def test_a_golden_line_fits_what_it_says_and_nothing_else(expected: Any, actual: Any, same: bool) -> None:
    assert fits(expected, actual, {}) is same
