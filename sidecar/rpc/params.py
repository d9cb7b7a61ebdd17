"""The conversion of a request's params to a method's model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sidecar.rpc.errors import Json, RpcError, invalid_params

MAX_ERRORS = 16
MAX_PATH_CHARS = 128
MAX_MESSAGE_CHARS = 256

# Pydantic's messages name Python's types; the reader of an error writes JSON.
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
    "string_unicode": "must be Unicode text without lone surrogates",
}

Model = TypeVar("Model", bound=BaseModel)


def bind(model: type[Model], params: Mapping[str, Any] | Sequence[Any]) -> Model:
    """Return the parameters as a model, by name or, from a list, in the order of the model's fields.

    The model must accept its fields' names beside their aliases. Raises RpcError -32602, which names every invalid
    parameter by the path that the caller wrote.
    """
    named = params if isinstance(params, Mapping) else _by_name(model, params)
    try:
        return model.model_validate(named)
    except ValidationError as exc:
        details = exc.errors(include_url=False, include_context=False, include_input=False)
        raise _refusal([_describe(model, named, error) for error in details[:MAX_ERRORS]]) from None


def _by_name(model: type[BaseModel], params: Sequence[Any]) -> dict[str, Any]:
    names = list(model.model_fields)
    if len(params) > len(names):
        message = f"is not known: there are at most {len(names)} parameters"
        raise _refusal([{"path": f"[{len(names)}]", "message": message}])
    return dict(zip(names, params, strict=False))


def _refusal(errors: list[Json]) -> RpcError:
    first = errors[0]
    hint = f"{first['path']}: {first['message']}." if first["path"] else f"Parameters: {first['message']}."
    return invalid_params(hint, errors)


def _describe(model: type[BaseModel], named: Mapping[str, Any], error: ErrorDetails) -> Json:
    message = _MESSAGES.get(error["type"], error["msg"])
    return {"path": _path(model, named, error)[:MAX_PATH_CHARS], "message": message[:MAX_MESSAGE_CHARS]}


def _path(model: type[BaseModel], named: Mapping[str, Any], error: ErrorDetails) -> str:
    """Return the path of an error, as in `ice_servers[0].urls`.

    Pydantic's location also has the tried members of a union, which are not part of the path.
    """
    path = ""
    value: Any = named
    for step in error["loc"]:
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            path += f"[{step}]"
            value = value[step]
        elif isinstance(value, Mapping) and step in value:
            path += f".{step}"
            value = value[step]
        elif isinstance(value, Mapping) and error["type"] == "missing":
            path += f".{_field_name(model, step) if value is named else step}"
    return path.removeprefix(".")


def _field_name(model: type[BaseModel], alias: int | str) -> int | str:
    return next((name for name, field in model.model_fields.items() if field.alias == alias), alias)
