"""The OpenRPC document (OpenRPC 1.4.1, https://spec.open-rpc.org): the whole contract in machine-readable form.

A client calls every method object of an OpenRPC document, and code generators make a function of each. Therefore the
sidecar's notifications are in an extension, and rpc.discover, which the specification defines, is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from sidecar.contract.early import PROTOCOL_VERSION
from sidecar.contract.errors import ERRORS, ContractError, ErrorData, LimitExceededError, ShuttingDownError
from sidecar.contract.events import EVENTS
from sidecar.contract.method import AnyMethod, Event, wire_form
from sidecar.contract.methods import METHODS
from sidecar.contract.methods.process import DISCOVER
from sidecar.contract.schemas import Json, Side, definitions, name_of, summary

OPENRPC_VERSION = "1.4.1"

OF_ANY_METHOD: tuple[type[ContractError], ...] = (LimitExceededError,)
"""The errors of any request. LimitExceededError: too many requests at once (`details.limit` is requests_in_flight)."""

_SCHEMAS = "#/components/schemas/"
_DESCRIPTION = (
    "JSON-RPC 2.0 over standard input and output: one JSON text a line, UTF-8, at most 8 MiB. "
    "Parameters are taken by name or by position; names in snake_case, as here, or in camelCase. "
    "Null for an optional parameter counts as an absent one. "
    "x-notifications lists the notifications that the sidecar sends, in the form of methods without a result. "
    "x-errors lists the errors that any request may get, beside the errors of its method and of JSON-RPC 2.0."
)


def document() -> Json:
    """Return a new document on each call."""
    methods = [method for method in METHODS if method is not DISCOVER]
    schemas = _all_definitions(methods)
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {"title": "camera-sidecar", "version": PROTOCOL_VERSION, "description": _DESCRIPTION},
        "methods": [_method(method, schemas) for method in methods],
        "x-notifications": [_event(event, schemas) for event in EVENTS],
        "x-errors": [{"$ref": f"#/components/errors/{error.kind}"} for error in OF_ANY_METHOD],
        "components": {
            "schemas": _without_parameters(schemas, methods),
            "errors": {error.kind: _error(error) for error in ERRORS},
        },
    }


def _without_parameters(schemas: Json, methods: Iterable[AnyMethod]) -> Json:
    """Return the schemas without the models of parameters, whose members are listed with their methods."""
    results = {method.result for method in methods}
    params = [method.params for method in methods] + [event.params for event in EVENTS]
    listed = {name_of(model.__name__) for model in params if model not in results}
    return {name: schema for name, schema in schemas.items() if name not in listed}


def _all_definitions(methods: Iterable[AnyMethod]) -> Json:
    models: list[tuple[type[BaseModel], Side]] = [(ErrorData, "serialization")]
    models += [(event.params, "serialization") for event in EVENTS]
    for method in methods:
        models += [(method.params, "validation"), (method.result, "serialization")]
    return definitions(models, _SCHEMAS)


def _method(method: AnyMethod, schemas: Json) -> Json:
    errors: list[type[ContractError]] = [*method.errors]
    if not method.answered_until_end:
        errors.append(ShuttingDownError)
    result_name = name_of(method.result.__name__)
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": _params(schemas[name_of(method.params.__name__)]),
        "result": {"name": result_name, "schema": {"$ref": _SCHEMAS + result_name}},
        # In full, because PyPI's openrpc does not follow references here.
        "errors": [_error(error) for error in errors],
        "examples": [
            {
                "name": method.name,
                "params": _example_params(method.example.params),
                "result": {"name": result_name, "value": wire_form(method.result, method.example.result)},
            }
        ],
    }


def _event(event: Event, schemas: Json) -> Json:
    return {
        "name": event.name,
        "summary": event.summary,
        "paramStructure": "by-name",
        "params": _params(schemas[name_of(event.params.__name__)]),
        "examples": [{"name": event.name, "params": _example_params(wire_form(event.params, event.example))}],
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
