"""Checks the sidecar's messages against the schemas in the tree, as a client with generated types does.

VALIDATED notes the parts of the contract that passed the check, so that a test finds the parts that were never sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass
class Validated:
    """The checked parts of the contract: methods with a result, kinds of errors, events."""

    methods: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


VALIDATED = Validated()


def check_response(message: Any, method: str | None) -> None:
    """Check the answer to a call of `method`; None for an invalid request."""
    Draft7Validator(RESPONSE).validate(message)
    if "error" in message:
        check_error(message["error"], method)
        return
    assert method is not None
    _part(f"methods/{method}.json", "result").validate(message["result"])
    VALIDATED.methods.add(method)


def check_error(error: Any, method: str | None) -> None:
    """Check an error object: a standard error, or an error that the contract lists for the method."""
    if error["code"] < 0:
        Draft7Validator(STANDARD_ERROR).validate(error)
        return
    kind = error["data"]["kind"]
    _whole(f"errors/{kind}.json").validate(error)
    assert method is not None
    assert kind in _listed_errors()[method] or _is_of_any_method(error), f"{method} may not give {kind}"
    VALIDATED.errors.add(kind)


def check_notification(message: Any) -> None:
    """Check a notification of the sidecar."""
    assert set(message) == {"jsonrpc", "method", "params"}
    assert message["jsonrpc"] == "2.0"
    _part(f"events/{message['method']}.json", "params").validate(message["params"])
    VALIDATED.events.add(message["method"])


def _is_of_any_method(error: Any) -> bool:
    """Return whether an error is server_busy, which any request can get."""
    is_listed = error["data"]["kind"] in _kinds(_document()["x-errors"])
    return is_listed and (error["data"].get("details") or {}).get("limit") == "requests_in_flight"


@cache
def _listed_errors() -> dict[str, set[str]]:
    listed = {one["name"]: {error["data"]["kind"] for error in one["errors"]} for one in _document()["methods"]}
    return {"rpc.discover": set(), **listed}  # the first is OpenRPC's own


def _kinds(references: Iterable[Any]) -> set[str]:
    return {reference["$ref"].rpartition("/")[2] for reference in references}


@cache
def _document() -> Any:
    return json.loads((SCHEMAS / "openrpc.json").read_text(encoding="utf-8"))


@cache
def _whole(path: str) -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMAS / path).read_text(encoding="utf-8")))


@cache
def _part(path: str, name: str) -> Draft7Validator:
    schema = json.loads((SCHEMAS / path).read_text(encoding="utf-8"))
    return Draft7Validator({**schema["properties"][name], "definitions": schema["definitions"]})
