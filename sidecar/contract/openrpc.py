"""The OpenRPC document (OpenRPC 1.4.1, https://spec.open-rpc.org): the whole contract for programs to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from sidecar.contract.early import PROTOCOL_VERSION
from sidecar.contract.errors import ERRORS, ContractError, ErrorData, LimitExceededError, ShuttingDownError
from sidecar.contract.events import EVENTS, Event
from sidecar.contract.examples import EVENT_EXAMPLES, METHOD_EXAMPLES
from sidecar.contract.methods import METHODS, Method
from sidecar.contract.schemas import Json, Side, definitions, summary

OPENRPC_VERSION = "1.4.1"
# These answer as long as the process lives.
ALWAYS_ANSWERED = frozenset({"initialize", "rpc.discover", "ping", "shutdown"})

OF_ANY_METHOD: tuple[type[ContractError], ...] = (LimitExceededError,)
"""What any request may get: it came while too many others were worked on (`details.limit` is requests_in_flight)."""

_SCHEMAS = "#/components/schemas/"
_DESCRIPTION = (
    "JSON-RPC 2.0 over standard input and output: one JSON text a line, UTF-8, at most 8 MiB. "
    "Parameters are taken by name or by position; names in snake_case, as here, or in camelCase. "
    'Methods with x-direction "notification-from-sidecar" are notifications that the sidecar sends. '
    "x-errors lists what any request may get, beside the errors of its method and those of JSON-RPC 2.0."
)


def document() -> Json:
    """The document; a new one on each call."""
    schemas = _all_definitions()
    methods = [_method(method, schemas) for method in METHODS] + [_event(event, schemas) for event in EVENTS]
    listed = {model.__name__ for model in _parameter_models()}
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {"title": "camera-sidecar", "version": PROTOCOL_VERSION, "description": _DESCRIPTION},
        "methods": methods,
        "x-errors": _references(OF_ANY_METHOD),
        "components": {
            # The parameters stand with their methods, one by one.
            "schemas": {name: schema for name, schema in schemas.items() if name not in listed},
            "errors": {error.kind: _error(error) for error in ERRORS},
        },
    }


def _parameter_models() -> list[type[BaseModel]]:
    results = {method.result for method in METHODS}
    params = [method.params for method in METHODS] + [event.params for event in EVENTS]
    return [model for model in params if model not in results]


def _all_definitions() -> Json:
    models: list[tuple[type[BaseModel], Side]] = [(method.params, "validation") for method in METHODS]
    models += [(method.result, "serialization") for method in METHODS]
    models += [(event.params, "serialization") for event in EVENTS]
    models.append((ErrorData, "serialization"))
    return definitions(models, _SCHEMAS)


def _method(method: Method, schemas: Json) -> Json:
    example = METHOD_EXAMPLES[method.name]
    errors: list[type[ContractError]] = [*method.errors]
    if method.name not in ALWAYS_ANSWERED:
        errors.append(ShuttingDownError)
    result_name = method.result.__name__
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": _params(schemas[method.params.__name__]),
        "result": {"name": result_name, "schema": {"$ref": _SCHEMAS + result_name}},
        "errors": _references(errors),
        "examples": [
            {
                "name": method.name,
                "params": _example_params(example.params),
                "result": {"name": result_name, "value": example.result},
            }
        ],
    }


def _references(errors: Iterable[type[ContractError]]) -> list[Json]:
    return [{"$ref": f"#/components/errors/{error.kind}"} for error in errors]


def _event(event: Event, schemas: Json) -> Json:
    return {
        "name": event.name,
        "summary": event.summary,
        "paramStructure": "by-name",
        "params": _params(schemas[event.params.__name__]),
        "examples": [{"name": event.name, "params": _example_params(EVENT_EXAMPLES[event.name])}],
        "x-direction": "notification-from-sidecar",
    }


def _params(schema: Json) -> list[Json]:
    required = set(schema.get("required", ()))
    return [_content(name, value, name in required) for name, value in schema.get("properties", {}).items()]


def _content(name: str, schema: Json, required: bool) -> Json:
    content: Json = {"name": name, "required": required, "schema": schema}
    if "description" in schema:
        content["description"] = schema["description"]
    return content


def _example_params(params: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in params.items()]


def _error(error: type[ContractError]) -> Json:
    data: dict[str, Any] = {"kind": error.kind, "retryable": error.retryable, "hint": error.default_hint}
    return {"code": error.code, "message": summary(error), "data": data}
