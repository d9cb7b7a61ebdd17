"""JSON Schema (draft 7) of the JSON on a local stream: the viewer's messages and the description of the pictures."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sidecar.contract.schemas import JSON_SCHEMA
from sidecar.local_stream.messages import ClientMessage, Description


def message_schemas() -> dict[str, dict[str, Any]]:
    """Return each schema by the name of its file, without the ending."""
    return {"client_message": _schema(ClientMessage), "description": _schema(Description)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    for property_schema in schema["properties"].values():
        del property_schema["title"]  # type generators would make a type of each title
    return {"$schema": JSON_SCHEMA, **schema}
