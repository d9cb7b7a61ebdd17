from __future__ import annotations

import pytest
from contract_markdown import methods_page, type_of

from sidecar.contract.errors import ERRORS
from sidecar.contract.methods import METHODS, PING, SHUTDOWN, START_STREAMING, STOP_STREAMING
from sidecar.contract.openrpc import document

PAGE = methods_page(METHODS, document())


def section(name: str) -> str:
    """The section of a method."""
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_each_method_has_a_row_with_one_sentence_and_a_section() -> None:
    for method in METHODS:
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| [`{method.name}`]")]
        assert ". " not in row
        assert method.summary in section(method.name)


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        (PING.name, "`camera-sidecar:allow-ping`, part of `camera-sidecar:default`"),
        (START_STREAMING.name, "`camera-sidecar:allow-start-streaming`, part of `camera-sidecar:streaming`"),
        (SHUTDOWN.name, "No page can call it"),
    ],
)
def test_a_section_names_the_permission(name: str, permission: str) -> None:
    assert permission in section(name)


def test_a_section_has_parameters_results_errors_and_an_example() -> None:
    text = section(STOP_STREAMING.name)
    assert "| `session_id` | string, at most 64 characters | required |" in text
    assert "| `camera_released` | boolean | whether no session uses the camera any more |" in text
    assert "[`session_not_found`](#errors)" in text
    assert '"method": "stop_streaming"' in text


def test_a_method_without_parameters_says_so() -> None:
    assert "**Parameters**: none." in section(SHUTDOWN.name)


def test_every_error_has_its_code_and_hint() -> None:
    for error in ERRORS:
        assert f"| `{error.kind}` | {error.code} | {error.default_hint} |" in PAGE


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 65535}, "integer, 0 to 65535"),
        ({"type": "integer", "minimum": 50000, "maximum": 50000000}, "integer, 50,000 to 50,000,000"),
        ({"type": "number", "minimum": 0}, "number, at least 0"),
        ({"type": "string", "maxLength": 2048}, "string, at most 2,048 characters"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Camera"}}, "list of [Camera](#camera)"),
        ({"enum": ["any", "local"]}, '`"any"`, `"local"`'),
        ({"const": "offer"}, '`"offer"`'),
        ({"allOf": [{"$ref": "#/components/schemas/Stats"}]}, "[Stats](#stats)"),
        ({}, "any"),
    ],
)
def test_a_schema_is_a_type_in_words(schema: dict[str, object], words: str) -> None:
    assert type_of(schema) == words
