from __future__ import annotations

from typing import Any

from contract_types import declarations

DOCUMENT: dict[str, Any] = {
    "methods": [
        {
            "name": "show",
            "summary": "Show it.",
            "params": [
                {"name": "device_id", "required": True, "schema": {"type": "string"}},
                {"name": "wanted_format", "required": False, "schema": {"$ref": "#/components/schemas/Wanted"}},
            ],
            "result": {"name": "Shown", "schema": {"$ref": "#/components/schemas/Shown"}},
        },
        {"name": "ping", "summary": "Answer.", "params": [], "result": {"name": "Shown", "schema": {"type": "null"}}},
    ],
    "x-notifications": [
        {
            "name": "camera_state",
            "summary": "A camera's state changed.",
            "params": [{"name": "device_id", "required": False, "schema": {"enum": ["on", "off"]}}],
        },
    ],
    "components": {
        "schemas": {
            "Wanted": {
                "description": "What a viewer would like.",
                "properties": {
                    "max_width": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "pixels"}
                },
            },
            "Shown": {
                "properties": {
                    "session_ids": {"type": "array", "items": {"type": "string"}},
                    "states": {"type": "array", "items": {"enum": ["a", "b"]}},
                    "details": {"type": "object"},
                    "kind": {"const": 7},
                }
            },
            "ErrorData": {"properties": {"hint": {"type": "string"}}, "required": ["hint"]},
            "Unused": {"properties": {}},
        }
    },
}


def test_what_goes_in_is_camel_case_and_may_leave_out_what_has_a_default() -> None:
    text = declarations(DOCUMENT)
    assert "    params: { deviceId: string; wantedFormat?: Wanted };" in text
    assert "  /** pixels */\n  maxWidth?: number | null;" in text
    assert "/** What a viewer would like. */\nexport interface Wanted {" in text


def test_what_comes_out_is_snake_case_and_complete() -> None:
    text = declarations(DOCUMENT)
    assert "  session_ids: string[];" in text
    assert '  states: ("a" | "b")[];' in text
    assert "  details: Record<string, unknown>;" in text
    assert "  kind: 7;" in text
    assert '  camera_state: { device_id: "on" | "off" };' in text


def test_methods_and_events_stand_by_their_names() -> None:
    text = declarations(DOCUMENT)
    assert "  /** Show it. */\n  show: {" in text
    assert "    params: Record<string, never>;\n    result: null;" in text
    assert '  "rpc.discover": {\n    params: Record<string, never>;\n    result: Record<string, unknown>;' in text


def test_errors_are_declared_and_what_nobody_sends_is_not() -> None:
    text = declarations(DOCUMENT)
    assert "export interface ErrorData {" in text
    assert "Unused" not in text
