"""The contract as TypeScript declarations, made from the OpenRPC document."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

HEADER = """\
/**
 * The sidecar's contract, generated from it by scripts/generate.py: do not edit.
 *
 * What goes in is written in camelCase here, as Tauri frontends do; what comes out is snake_case, as it is sent.
 */
"""
DISCOVER: Json = {
    "name": "rpc.discover",
    "summary": "The OpenRPC document of this program.",
    "params": [],
    "result": {"name": "OpenRpcDocument", "schema": {"type": "object"}},
}
"""Of OpenRPC itself, so it is not in the document."""

PRIMITIVES = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}
REFERENCE = "#/components/schemas/"


def declarations(document: Json) -> str:
    """The text of a .d.ts file."""
    return "\n".join([HEADER, *_Declarations(document).text()])


class _Declarations:
    def __init__(self, document: Json) -> None:
        self._schemas: dict[str, Json] = document["components"]["schemas"]
        self._requests: list[Json] = [*document["methods"], DISCOVER]
        self._events: list[Json] = document["x-notifications"]
        self._sent = self._reachable([param["schema"] for method in self._requests for param in method["params"]])

    def text(self) -> Iterator[str]:
        results = {method["result"]["name"] for method in self._requests}
        for name, schema in sorted(self._schemas.items()):
            if name in self._sent | self._received() | results:
                yield from self._interface(name, schema)
        yield "export interface Methods {"
        for method in self._requests:
            yield from _comment(method["summary"], 1)
            yield f"  {_key(method['name'])}: {{"
            yield f"    params: {self._params(method, sent=True)};"
            yield f"    result: {self._type(method['result']['schema'])};"
            yield "  };"
        yield "}\n"
        yield "export interface Events {"
        for event in self._events:
            yield from _comment(event["summary"], 1)
            yield f"  {_key(event['name'])}: {self._params(event, sent=False)};"
        yield "}\n"

    def _received(self) -> set[str]:
        results = [method["result"]["schema"] for method in self._requests]
        return {"ErrorData"} | self._reachable(
            results + [param["schema"] for event in self._events for param in event["params"]]
        )

    def _reachable(self, schemas: list[Json]) -> set[str]:
        """The names of all that these schemas lead to."""
        found: set[str] = set()
        waiting = [name for schema in schemas for name in _references(schema)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _references(self._schemas[name])
        return found

    def _interface(self, name: str, schema: Json) -> Iterator[str]:
        yield from _comment(schema.get("description", ""), 0)
        yield f"export interface {name} {{"
        required = set(schema.get("required", ()))
        for key, value in schema.get("properties", {}).items():
            yield from _comment(value.get("description", ""), 1)
            # What comes out is complete; what goes in may leave out what has a default.
            is_optional = name in self._sent and key not in required
            yield f"  {_key(_camel(key) if name in self._sent else key)}{'?' * is_optional}: {self._type(value)};"
        if schema.get("additionalProperties") is True:
            yield "  [name: string]: unknown;"
        yield "}\n"

    def _params(self, method: Json, *, sent: bool) -> str:
        parts = []
        for param in method["params"]:
            name = _camel(param["name"]) if sent else param["name"]
            parts.append(f"{_key(name)}{'?' * (sent and not param['required'])}: {self._type(param['schema'])}")
        return f"{{ {'; '.join(parts)} }}" if parts else "Record<string, never>"

    def _type(self, schema: Json) -> str:
        if "$ref" in schema:
            return str(schema["$ref"]).removeprefix(REFERENCE)
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return " | ".join(map(json.dumps, schema["enum"]))
        for combination in ("anyOf", "oneOf", "allOf"):
            if combination in schema:
                return (" & " if combination == "allOf" else " | ").join(map(self._type, schema[combination]))
        if schema.get("type") == "array":
            items = self._type(schema.get("items", {}))
            return f"({items})[]" if " " in items else f"{items}[]"
        if schema.get("type") == "object":
            return "Record<string, unknown>"
        return PRIMITIVES.get(schema.get("type", ""), "unknown")


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in _references(one)]
    if not isinstance(schema, dict):
        return []
    own = [str(schema["$ref"]).removeprefix(REFERENCE)] if "$ref" in schema else []
    return own + [name for key, value in schema.items() if key != "$ref" for name in _references(value)]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def _key(name: str) -> str:
    return name if name.replace("_", "a").isalnum() else json.dumps(name)


def _comment(text: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    lines = [line for line in textwrap.wrap(" ".join(text.split()), 110) if line]
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
    elif lines:
        yield f"{indent}/**"
        yield from (f"{indent} * {line}" for line in lines)
        yield f"{indent} */"
