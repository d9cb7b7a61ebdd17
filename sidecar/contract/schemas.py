"""JSON Schema (draft 7) of the contract's models, written as a client reads it.

Names are the documented ones, in snake_case. That camelCase is taken too is said in words: a schema that listed both
spellings would allow both at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sidecar.contract.errors import ContractError, ErrorData
from sidecar.contract.method import AnyMethod, Event

Json = dict[str, Any]
NAMES = {"IceCandidate": "IceCandidateInit", "Stats": "Statistics"}
"""Of schemas whose models are called like a notification (ice_candidate, stats): generators make one type of both."""

JSON_SCHEMA = "http://json-schema.org/draft-07/schema#"
Side = Literal["validation", "serialization"]


def definitions(models: Iterable[tuple[type[BaseModel], Side]], prefix: str) -> Json:
    """The schema of each model and of those inside it, by name; references to them begin with `prefix`."""
    _, schema = models_json_schema(list(models), by_alias=False, ref_template=prefix + "{model}")
    references = {prefix + name: prefix + name_of(name) for name in NAMES}
    made = {name_of(name): _renamed(one, references) for name, one in schema.get("$defs", {}).items()}
    return {name: _without_property_titles({**made[name], "title": name}) for name in sorted(made)}


def name_of(model: str) -> str:
    """Return the name of a model's schema."""
    return NAMES.get(model, model)


def method_schema(method: AnyMethod) -> Json:
    """A method on its own: {params, result}."""
    return _standalone(method.name, method.summary, {"params": method.params, "result": method.result})


def event_schema(event: Event) -> Json:
    """A notification on its own: {params}."""
    return _standalone(event.name, event.summary, {"params": event.params})


def error_schema(error: type[ContractError]) -> Json:
    """The error object with this code (JSON-RPC 2.0, section 5.1)."""
    data = definitions([(ErrorData, "serialization")], "#/definitions/")["ErrorData"]
    data["properties"]["kind"] = {"const": error.kind}
    data["properties"]["retryable"] = {"const": error.retryable}
    return {
        "$schema": JSON_SCHEMA,
        "title": error.kind,
        "description": summary(error),
        "type": "object",
        "properties": {"code": {"const": error.code}, "message": {"type": "string"}, "data": data},
        "required": ["code", "message", "data"],
        "additionalProperties": False,
    }


def summary(error: type[ContractError]) -> str:
    """What the error says, in one line."""
    assert error.__doc__ is not None
    return error.__doc__.strip().splitlines()[0]


def _standalone(title: str, description: str, parts: dict[str, type[BaseModel]]) -> Json:
    sides: list[tuple[type[BaseModel], Side]] = [
        (model, "validation" if name == "params" and "result" in parts else "serialization")
        for name, model in parts.items()
    ]
    return {
        "$schema": JSON_SCHEMA,
        "title": title,
        "description": description,
        "type": "object",
        "properties": {name: {"$ref": f"#/definitions/{name_of(model.__name__)}"} for name, model in parts.items()},
        "required": list(parts),
        "additionalProperties": False,
        "definitions": definitions(sides, "#/definitions/"),
    }


def _renamed(schema: Any, references: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(item, references) for item in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = {key: _renamed(item, references) for key, item in schema.items()}
    if schema.get("$ref") in references:
        renamed["$ref"] = references[schema["$ref"]]
    return renamed


def _without_property_titles(schema: Json) -> Json:
    # Generators of types make one type for each title: those that pydantic gives to properties are in their way.
    for property_schema in schema.get("properties", {}).values():
        property_schema.pop("title", None)
    return schema
