"""The answers that a line must get, by the specification alone (JSON-RPC 2.0, sections 4 to 6).

Independent of the sidecar's code: an error in shared code would not show.
"""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from typing import Any

MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_BATCH = 100
MAX_TOKENS = 50_000
"""The largest number of strings, commas and opening brackets in a line that is parsed."""

MAX_DIGITS = 4300
"""The largest number of digits of an integer that Python converts."""

MAX_ID_CHARS = 64 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Answer = str | tuple[str, ...]
"""The id of an answer as JSON text; for a batch, the sorted ids of its members."""

NULL: Answer = "null"


def expected_answers(data: bytes) -> list[Answer]:
    """Return the answers to all lines in `data`, which ends with a line end; their order is free."""
    answers: list[Answer] = []
    for line in data.split(b"\n")[:-1]:
        answers += _of_line(line)
    return answers


def answer_of(message: Any) -> Answer:
    """Return a message of the sidecar as an answer."""
    if isinstance(message, list):
        return tuple(sorted(_id_text(one["id"]) for one in message))
    return _id_text(message["id"])


def parse_json(text: str) -> Any:
    """Return the value of a JSON text; an integer with too many digits for Python becomes Digits."""
    return json.loads(text, parse_constant=_refuse, parse_int=_integer)


class Digits:
    """An integer with too many digits for Python, as text."""

    def __init__(self, text: str) -> None:
        self.text = text


def _of_line(line: bytes) -> list[Answer]:
    if not line.strip(b" \t\r"):
        return []
    if len(line) > MAX_LINE_BYTES:
        return [NULL]
    line = line.removeprefix(BYTE_ORDER_MARK).strip(b" \t\r")
    if not line:
        return []
    if _tokens(line) > MAX_TOKENS:
        # The sidecar reads the other members of such a line; in the lines of Lines they come before the parameters.
        request = re.match(rb'\{"jsonrpc":"2\.0","id":(\d+),"method":"', line)
        return [request[1].decode() if request and line.endswith(b"}") else NULL]
    try:
        value = parse_json(line.decode("utf-8"))
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
        return [_id_text(value["id"]) if _is_id(value["id"]) else NULL]
    is_notification = (
        value.get("jsonrpc") == "2.0"
        and isinstance(value.get("method"), str)
        and isinstance(value.get("params", []), dict | list)
    )
    return [] if is_notification else [NULL]


def _is_id(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str | Digits):
        return len(value if isinstance(value, str) else value.text) <= MAX_ID_CHARS
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _id_text(value: Any) -> str:
    return value.text if isinstance(value, Digits) else json.dumps(value)


def _tokens(line: bytes) -> int:
    """Count the strings, commas and opening brackets, up to MAX_TOKENS + 1."""
    if sum(map(line.count, (b",", b"[", b"{", b'"'))) <= MAX_TOKENS:
        return 0
    found = re.finditer(rb'[,[{]|"(?:[^"\\]|\\.)*+"?', line, re.DOTALL)
    return sum(1 for _ in islice(found, MAX_TOKENS + 1))


def _integer(text: str) -> int | Digits:
    return int(text) if len(text) <= MAX_DIGITS else Digits(text)


def _refuse(name: str) -> None:
    raise ValueError(name)
