"""The request object (JSON-RPC 2.0, section 4), and the parsing of a line into checked requests."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, Final, NamedTuple

from sidecar.rpc import errors
from sidecar.rpc.text import (
    MAX_TOKENS,
    LongInteger,
    has_too_many_tokens,
    is_closed,
    parse_json,
    without_params,
)

MAX_BATCH = 100

MAX_ID_CHARS = 64 * 1024
"""An answer repeats the id; a hundred answers with the longest one fit into the outbox."""

_INVALID_ID_HINT = f"The id must be a string of at most {MAX_ID_CHARS} characters, a number or null."
_TOO_MANY_TOKENS_HINT = f"A line must not hold more than {MAX_TOKENS} strings, commas and opening brackets."


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
RequestId = str | int | float | LongInteger | None


class Request(NamedTuple):
    """One request object; a notification's id is ABSENT. `fault` is the error of parameters that were not read."""

    id: RequestId | _Absent
    method: str
    params: dict[str, Any] | list[Any]
    fault: errors.RpcError | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the request object, without members that JSON-RPC does not name."""
        envelope = {"jsonrpc": "2.0", "method": self.method, "params": self.params}
        return envelope if self.id is ABSENT else {**envelope, "id": self.id}


class Invalid(NamedTuple):
    """An item that is no valid request object; `id` is null unless it could be read."""

    id: RequestId
    error: errors.RpcError


class Message(NamedTuple):
    """The items of one line; a batch is answered by an array, a single request by an object."""

    items: list[Request | Invalid]
    is_batch: bool


def parse(line: bytes) -> Message:
    """Return the requests of a line. It never raises: an Invalid item holds the error of the line."""
    if has_too_many_tokens(line):
        return Message([_too_long(line)], is_batch=False)
    try:
        value = parse_json(line)
    except ValueError:
        return _refused(errors.parse_error())
    except RecursionError:
        return _refused(errors.parse_error("Nest fewer arrays and objects in each other."))
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


def _too_long(line: bytes) -> Request | Invalid:
    """Return the request of a line with too many tokens, without its parameters, or its error."""
    if not is_closed(line):
        return Invalid(None, errors.parse_error())
    details = {"limit": "tokens", "maximum": MAX_TOKENS}
    request = _check(without_params(line) or {}, with_params=False)
    if isinstance(request, Invalid):
        return Invalid(request.id, errors.invalid_request(_TOO_MANY_TOKENS_HINT, details))
    fault = errors.invalid_params(_TOO_MANY_TOKENS_HINT, [{"path": "", "message": "hold too many values"}])
    return Request(request.id, request.method, {}, fault)


def _check(value: Any, *, with_params: bool = True) -> Request | Invalid:
    if not isinstance(value, dict):
        return Invalid(None, errors.invalid_request("A request must be an object."))
    request_id = value.get("id", ABSENT)
    if not _is_id(request_id):
        return Invalid(None, errors.invalid_request(_INVALID_ID_HINT))
    params = value.get("params", {}) if with_params else {}
    hint = _envelope_fault(value, params)
    if hint is not None:
        return Invalid(None if request_id is ABSENT else request_id, errors.invalid_request(hint))
    return Request(request_id, value["method"], params)


def _is_id(value: Any) -> bool:
    if value is ABSENT or value is None:
        return True
    if isinstance(value, str | LongInteger):
        return len(value if isinstance(value, str) else value.text) <= MAX_ID_CHARS
    if isinstance(value, float):
        return math.isfinite(value)  # 1e999 is a JSON number, but becomes an infinity, which has no JSON
    return isinstance(value, int) and not isinstance(value, bool)


def _envelope_fault(value: dict[str, Any], params: Any) -> str | None:
    if value.get("jsonrpc") != "2.0":
        return 'The member jsonrpc must be "2.0".'
    if not isinstance(value.get("method"), str):
        return "The member method must be a string."
    if not isinstance(params, dict | list):
        return "The member params must be an object or an array, or be left out."
    return None
