"""The base classes of the contract's models.

Models that a client sends derive from `Input`. They take each name in camelCase and in snake_case, and null for an
optional member counts as an absent member. Models that the sidecar sends derive from `Result`, and are in snake_case.

Modules with models do without `from __future__ import annotations`: pydantic compiles each string annotation when the
class is made, and again in each subclass, which is 5 % of the contract's import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

T = TypeVar("T")


class Result(BaseModel):
    """An object that the sidecar sends; a member that the contract does not name is an error."""

    model_config = ConfigDict(defer_build=True, extra="forbid")


class Input(BaseModel):
    """An object that a client sends; null for a member with a default means the default."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict) or None not in value.values():
            return value
        fields = cls.model_fields.items()
        required = {key for name, field in fields if field.is_required() for key in (name, field.alias)}
        known = {key for name, field in fields for key in (name, field.alias)}
        # An unknown member stays, so that the error names it.
        return {key: item for key, item in value.items() if item is not None or key in required or key not in known}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(schema))
        required = made.get("required", ())
        for name, member in made.get("properties", {}).items():
            if name not in required and {"type": "null"} not in member.get("anyOf", ()):
                made["properties"][name] = _nullable(member)
        return made


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a member's JSON Schema, extended by null."""
    about = {"default", "description", "title"} & schema.keys()
    value = {key: item for key, item in schema.items() if key not in about}
    return {"anyOf": [value, {"type": "null"}]} | {key: schema[key] for key in schema if key in about}


class StrictInput(Input):
    """An object of this contract: an unknown member is an error, and no string is taken for a number."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Params(StrictInput):
    """The parameters of a method; the order of the fields is the order by position."""


class Empty(Params):
    """No parameters."""


class Done(Result):
    """The result of a method that returns no data."""


class Dictionary(Input):
    """A W3C dictionary: unknown members are ignored, because browsers add members of their own."""

    model_config = ConfigDict(
        defer_build=True, extra="ignore", strict=True, alias_generator=to_camel, populate_by_name=True
    )


class Counters(Result):
    """Figures that are counted in place; a counter is declared as one member of a subclass.

    The part of the program that counts owns an instance and adds to its members. Each member begins with the value
    given to `begins_with`. Every member is always sent, so the JSON Schema requires it and shows no default.
    """

    # Without pydantic's checks, because some counters are increased with each packet: the sum is validated when it
    # becomes part of a result.
    __setattr__ = object.__setattr__

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(schema))
        fields = cls.model_fields.items()
        made["required"] = [name for name, field in fields if field.is_required() or field.default_factory is not None]
        return made


def begins_with(value: T, description: str | None = None) -> T:
    """Return a field of `Counters` whose first value is `value`, which must be immutable."""
    field: T = Field(default_factory=lambda: value, description=description)
    return field
