"""Hypothesis strategies out of JSON Schema, as far as the contract's schemas use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]
# Lone surrogates are no Unicode text: no valid request holds one.
TEXT = st.characters(exclude_categories=["Cs"])


def values(schema: Mapping[str, Any], definitions: Mapping[str, Any], instead: Mapping[str, Strategy]) -> Strategy:
    """Values that fit the schema; the values of properties in `instead` come from there."""
    if "$ref" in schema:
        return values(definitions[schema["$ref"].rpartition("/")[2]], definitions, instead)
    if "anyOf" in schema:
        return st.one_of([values(inner, definitions, instead) for inner in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if schema["type"] == "array":
        inner = values(schema["items"], definitions, instead)
        return st.lists(inner, max_size=min(schema.get("maxItems", 3), 3))
    if schema["type"] == "object":
        return _objects(schema, definitions, instead)
    return _plain(schema)


def _objects(schema: Mapping[str, Any], definitions: Mapping[str, Any], instead: Mapping[str, Strategy]) -> Strategy:
    members = {
        name: instead[name] if name in instead else values(inner, definitions, instead)
        for name, inner in schema.get("properties", {}).items()
    }
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: members[name] for name in members if name in required},
        optional={name: members[name] for name in members if name not in required},
    )


def _plain(schema: Mapping[str, Any]) -> Strategy:
    match schema["type"]:
        case "string":
            return st.text(TEXT, min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 40), 40))
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    raise ValueError(f"no strategy for {schema}")
