"""JSON Schema (draft 7) of the contract's models, as a client needs it.

The schemas list the documented names, in snake_case. Prose says that camelCase is accepted, too: a schema with both
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
"""The schema names of models that share their name with a notification (ice_candidate, stats).

A code generator would make one type of both.
"""

JSON_SCHEMA = "http://json-schema.org/draft-07/schema#"
Side = Literal["validation", "serialization"]


def definitions(models: Iterable[tuple[type[BaseModel], Side]], prefix: str) -> Json:
    """Return the schemas of the models and of the models inside them, by name; references begin with `prefix`."""
    _, schema = models_json_schema(list(models), by_alias=False, ref_template=prefix + "{model}")
    references = {prefix + name: prefix + name_of(name) for name in NAMES}
    made = {name_of(name): _renamed(one, references) for name, one in schema.get("$defs", {}).items()}
    return {name: _without_property_titles({**made[name], "title": name}) for name in sorted(made)}


def name_of(model: str) -> str:
    """Return the name of a model's schema."""
    return NAMES.get(model, model)


def method_schema(method: AnyMethod) -> Json:
    """Return the schema of one method: an object with the members params and result."""
    return _standalone(method.name, method.summary, {"params": method.params, "result": method.result})


def event_schema(event: Event) -> Json:
    """Return the schema of one notification: an object with the member params."""
    return _standalone(event.name, event.summary, {"params": event.params})


def error_schema(error: type[ContractError]) -> Json:
    """Return the schema of the error object with this code (JSON-RPC 2.0, section 5.1)."""
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
    """Return the first line of the error's docstring."""
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
    # Code generators make one type for each title, so the titles that pydantic gives to properties are removed.
    for property_schema in schema.get("properties", {}).values():
        property_schema.pop("title", None)
    return schema
