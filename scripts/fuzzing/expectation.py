"""Which answers a line must get, from the specification alone (JSON-RPC 2.0, sections 4 to 6).

Written apart from the sidecar's own code: what both of them have wrong would not show.
"""

from __future__ import annotations

import json
import math
from typing import Any

MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_BATCH = 100

Answer = str | tuple[str, ...]
"""The id of an answer as JSON text; of an answer to a batch, those of all its members, sorted."""

NULL: Answer = "null"


def expected_answers(data: bytes) -> list[Answer]:
    """The answers to all lines in `data`, which ends with a line end, in any order."""
    answers: list[Answer] = []
    for line in data.split(b"\n")[:-1]:
        answers += _of_line(line)
    return answers


def answer_of(message: Any) -> Answer:
    """A message of the sidecar as an answer."""
    if isinstance(message, list):
        return tuple(sorted(json.dumps(one["id"]) for one in message))
    return json.dumps(message["id"])


def _of_line(line: bytes) -> list[Answer]:
    if not line.strip(b" \t\r"):
        return []
    if len(line) > MAX_LINE_BYTES:
        return [NULL]
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return [NULL]
    if not isinstance(value, list):
        return _of_request(value)
    if not value or len(value) > MAX_BATCH:
        return [NULL]
    ids = [str(answer) for item in value for answer in _of_request(item)]
    return [tuple(sorted(ids))] if ids else []


def _of_request(value: Any) -> list[Answer]:
    if not isinstance(value, dict):
        return [NULL]
    if "id" in value:
        return [json.dumps(value["id"]) if _is_id(value["id"]) else NULL]
    is_notification = (
        value.get("jsonrpc") == "2.0"
        and isinstance(value.get("method"), str)
        and isinstance(value.get("params", []), dict | list)
    )
    return [] if is_notification else [NULL]


def _is_id(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _refuse(name: str) -> None:
    raise ValueError(name)
