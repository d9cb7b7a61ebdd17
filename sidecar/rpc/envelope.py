"""The request object (JSON-RPC 2.0, section 4): from a line to checked requests."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sidecar.rpc import errors

MAX_BATCH = 100

_INVALID_ID_HINT = "The id must be a string, a number or null."


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
RequestId = str | int | float | None


@dataclass(frozen=True, slots=True)
class Request:
    """One request object; a notification's id is ABSENT."""

    id: RequestId | _Absent
    method: str
    params: dict[str, Any] | list[Any]

    def as_json(self) -> dict[str, Any]:
        """The request object again, without members that JSON-RPC does not name."""
        envelope = {"jsonrpc": "2.0", "method": self.method, "params": self.params}
        return envelope if self.id is ABSENT else {**envelope, "id": self.id}


@dataclass(frozen=True, slots=True)
class Invalid:
    """What stands where a request object should be; `id` is null where none could be read."""

    id: RequestId
    error: errors.RpcError


@dataclass(frozen=True, slots=True)
class Message:
    """What one line holds; a batch is answered by an array, a single request by an object."""

    items: list[Request | Invalid]
    is_batch: bool


def parse(line: bytes) -> Message:
    """Never raises; what is wrong with the line is told by an Invalid item."""
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _refused(errors.parse_error())
    if not isinstance(value, list):
        return Message([_check(value)], is_batch=False)
    if not value:
        return _refused(errors.invalid_request("A batch must hold at least one request."))
    if len(value) > MAX_BATCH:
        hint = f"A batch must hold at most {MAX_BATCH} requests; send several."
        return _refused(errors.invalid_request(hint, {"maximum": MAX_BATCH}))
    return Message([_check(item) for item in value], is_batch=True)


def _refused(error: errors.RpcError) -> Message:
    return Message([Invalid(None, error)], is_batch=False)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any) -> Request | Invalid:
    if not isinstance(value, dict):
        return Invalid(None, errors.invalid_request("A request must be an object."))
    request_id = value.get("id", ABSENT)
    if not _is_id(request_id):
        return Invalid(None, errors.invalid_request(_INVALID_ID_HINT))
    hint = _envelope_fault(value)
    if hint is not None:
        return Invalid(None if request_id is ABSENT else request_id, errors.invalid_request(hint))
    return Request(request_id, value["method"], value.get("params", {}))


def _is_id(value: Any) -> bool:
    if value is ABSENT or value is None or isinstance(value, str):
        return True
    if isinstance(value, float):
        return math.isfinite(value)  # 1e999 is a number to JSON that nothing can write back
    return isinstance(value, int) and not isinstance(value, bool)


def _envelope_fault(value: dict[str, Any]) -> str | None:
    if value.get("jsonrpc") != "2.0":
        return 'The member jsonrpc must be "2.0".'
    if not isinstance(value.get("method"), str):
        return "The member method must be a string."
    if not isinstance(value.get("params", {}), dict | list):
        return "The member params must be an object or an array, or be left out."
    return None
