"""docs/methods.md: the contract for people, made from its table of methods and the OpenRPC document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from contract_rust import DEFAULT

from sidecar.contract.errors import ERRORS
from sidecar.contract.method import AnyMethod

Json = dict[str, Any]

HEADER = """\
# Methods

Generated from `sidecar/contract/` by `scripts/generate.py`: do not edit.

Requests are JSON-RPC 2.0, one JSON text a line on the program's standard input; responses and notifications are on its
standard output, one a line. In a Tauri app each method is a command of the plugin. `schemas/openrpc.json` has the same
contract for programs, and `rpc.discover` returns it.

Parameters may be passed by name or by position, and their names may be camelCase or snake_case. Null for an optional
parameter counts as absent. Results are in snake_case. A line of at most 8 MiB with 50,000 strings, commas and opening
brackets, a batch of at most 100 requests and an id of at most 64 KiB are accepted; a line past these limits is refused,
and the next line is served.

JSON-RPC clients of others work with a reader and a writer of lines: the tests run `vscode-jsonrpc`, `json-rpc-2.0` and
`jsonrpcclient` against the program, and compile the clients that `@open-rpc/generator` and `@open-rpc/typings` make.
"""
REFERENCE = "#/components/schemas/"
PLUGIN = "camera-sidecar"


def methods_page(methods: Sequence[AnyMethod], document: Json) -> str:
    """Return the text of docs/methods.md."""
    described = {method["name"]: method for method in document["methods"]}
    schemas: dict[str, Json] = document["components"]["schemas"]
    parts = [HEADER, *_overview(methods)]
    for method in methods:
        parts += _method(method, described.get(method.name), schemas)
    parts += ["## Notifications\n"]
    for event in document["x-notifications"]:
        parts += _notification(event)
    parts += ["## Errors\n", *_errors()]
    parts += ["## Objects\n"]
    for name, schema in sorted(schemas.items()):
        if not _is_result_of_one(name, document):
            parts += [f"### {name}\n", *_description(schema), *_members(schema)]
    return "\n".join(parts)


def _overview(methods: Sequence[AnyMethod]) -> Iterator[str]:
    yield "| method | result |"
    yield "|---|---|"
    for method in methods:
        first_sentence = method.summary.partition(". ")[0].rstrip(".")
        yield _row(f"[`{method.name}`](#{_anchor(method.name)})", first_sentence)
    yield ""


def _method(method: AnyMethod, described: Json | None, schemas: dict[str, Json]) -> Iterator[str]:
    yield f"## {method.name}\n"
    yield f"{method.summary}\n"
    yield f"{_permission(method)}\n"
    if described is not None:
        yield from _parameters(described["params"])
        result = described["result"]
        yield f"**Result** ({result['name']})\n"
        yield from _members(schemas[result["name"]])
    if method.errors:
        yield f"**Errors**: {', '.join(f'[`{error.kind}`](#errors)' for error in method.errors)}.\n"
    yield from _example(method)


def _permission(method: AnyMethod) -> str:
    """Return the sentence about the permission of a Tauri app's page."""
    if method.permission is None:
        return "No page can call it: in a Tauri app it belongs to the app itself."
    name = f"`{PLUGIN}:allow-{method.name.replace('_', '-').replace('.', '-')}`"
    if method.permission in DEFAULT:
        return f"Permission in a Tauri app: {name}, part of `{PLUGIN}:default`."
    return f"Permission in a Tauri app: {name}, part of `{PLUGIN}:{method.permission}`."


def _parameters(params: list[Json]) -> Iterator[str]:
    if not params:
        yield "**Parameters**: none.\n"
        return
    yield "**Parameters**\n"
    yield "| name | type | meaning |"
    yield "|---|---|---|"
    for param in params:
        need = "required" if param["required"] else "optional"
        yield _row(f"`{param['name']}`", type_of(param["schema"]), _joined(need, _meaning(param["schema"])))
    yield ""


def _members(schema: Json) -> Iterator[str]:
    members: dict[str, Json] = schema.get("properties", {})
    if not members:
        yield f"{type_of(schema)}\n" if schema.get("type") != "object" else "An empty object.\n"
        return
    yield "| member | type | meaning |"
    yield "|---|---|---|"
    for name, member in members.items():
        yield _row(f"`{name}`", type_of(member), _meaning(member))
    yield ""


def _notification(event: Json) -> Iterator[str]:
    yield f"### {event['name']}\n"
    yield f"{event['summary']}\n"
    yield "| member | type | meaning |"
    yield "|---|---|---|"
    for param in event["params"]:
        yield _row(f"`{param['name']}`", type_of(param["schema"]), _meaning(param["schema"]))
    yield ""


def _errors() -> Iterator[str]:
    yield "The `data` of an error has `kind`, `retryable` and `hint`, and for some kinds `details`.\n"
    yield "| kind | code | hint, unless a better one is known | the same request may succeed later |"
    yield "|---|---|---|---|"
    for error in ERRORS:
        yield _row(f"`{error.kind}`", str(error.code), error.default_hint, "yes" if error.retryable else "no")
    yield ""


def _example(method: AnyMethod) -> Iterator[str]:
    """Yield one request, and the result, as JSON."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": method.example.params}
    yield "```json"
    yield json.dumps(request, ensure_ascii=False)
    yield json.dumps({"jsonrpc": "2.0", "id": 1, "result": method.example.result}, ensure_ascii=False)
    yield "```\n"


def _description(schema: Json) -> Iterator[str]:
    if "description" in schema:
        yield f"{' '.join(schema['description'].split())}\n"


def type_of(schema: Json) -> str:
    """Return the type of a JSON Schema in words, objects as links."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in schema:
        return " or ".join(type_of(choice) for choice in schema["anyOf"])
    if "allOf" in schema:
        return type_of(schema["allOf"][0])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    return f"{schema.get('type', 'any')}{_bounds(schema)}"


def _bounds(schema: Json) -> str:
    """Return the limits of a number or text, as ", 0 to 65535" or ", at most 64 characters"."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:g} to {high:g}" if max(abs(low), abs(high)) < 1e6 else f", {low:,} to {high:,}"
    if low is not None:
        return f", at least {low:g}"
    return f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""


def _meaning(schema: Json) -> str:
    """Return the description of a member, or of the only choice in it that has one."""
    found = [schema.get("description"), *(choice.get("description") for choice in schema.get("anyOf", ()))]
    return next((" ".join(text.split()) for text in found if text), "")


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _anchor(heading: str) -> str:
    """Return the anchor of a heading without spaces, as GitHub makes it."""
    return heading.lower().replace(".", "")


def _is_result_of_one(name: str, document: Json) -> bool:
    """Return whether a schema is the result of a method, whose section has its members."""
    return any(method["result"]["name"] == name for method in document["methods"])
