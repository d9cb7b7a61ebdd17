"""Checks what the sidecar says against the schemas in the tree, as a client with generated types would."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "schemas"

RESPONSE: dict[str, Any] = {
    "type": "object",
    "properties": {"jsonrpc": {"const": "2.0"}, "id": {"type": ["string", "number", "null"]}},
    "required": ["jsonrpc", "id"],
    "oneOf": [{"required": ["result"]}, {"required": ["error"]}],
}
STANDARD_ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"enum": [-32700, -32600, -32601, -32602, -32603]},
        "message": {"type": "string"},
        "data": {
            "type": "object",
            "properties": {"kind": {"type": "string"}, "retryable": {"const": False}, "hint": {"type": "string"}},
            "required": ["kind", "retryable", "hint"],
        },
    },
    "required": ["code", "message", "data"],
    "additionalProperties": False,
}


def check_response(message: Any, method: str | None) -> None:
    """The answer to a call of `method`; None when the request was no request."""
    Draft7Validator(RESPONSE).validate(message)
    if "error" in message:
        check_error(message["error"])
    else:
        assert method is not None
        _part(f"methods/{method}.json", "result").validate(message["result"])


def check_error(error: Any) -> None:
    """An error object, a standard one or one of the contract's."""
    if error["code"] < 0:
        Draft7Validator(STANDARD_ERROR).validate(error)
    else:
        _whole(f"errors/{error['data']['kind']}.json").validate(error)


def check_notification(message: Any) -> None:
    """A notification from the sidecar."""
    assert set(message) == {"jsonrpc", "method", "params"}
    assert message["jsonrpc"] == "2.0"
    _part(f"events/{message['method']}.json", "params").validate(message["params"])


@cache
def _whole(path: str) -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMAS / path).read_text(encoding="utf-8")))


@cache
def _part(path: str, name: str) -> Draft7Validator:
    schema = json.loads((SCHEMAS / path).read_text(encoding="utf-8"))
    return Draft7Validator({**schema["properties"][name], "definitions": schema["definitions"]})
