"""Which answers a line must get, from the specification alone (JSON-RPC 2.0, sections 4 to 6).

Written apart from the sidecar's own code: what both of them have wrong would not show.
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
"""Strings, commas and opening brackets of a line that is read."""

MAX_DIGITS = 4300
"""Of an integer that Python converts."""

MAX_ID_CHARS = 64 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

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
        return tuple(sorted(_id_text(one["id"]) for one in message))
    return _id_text(message["id"])


def parse_json(text: str) -> Any:
    """The value of a JSON text; an integer of too many digits for Python is Digits."""
    return json.loads(text, parse_constant=_refuse, parse_int=_integer)


class Digits:
    """An integer that only its text stands for."""

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
        # Of such a line the members beside its parameters are read; those of Lines begin with them.
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
    """Return how many strings, commas and opening brackets there are, as far as more than MAX_TOKENS are too many."""
    if sum(map(line.count, (b",", b"[", b"{", b'"'))) <= MAX_TOKENS:
        return 0
    found = re.finditer(rb'[,[{]|"(?:[^"\\]|\\.)*+"?', line, re.DOTALL)
    return sum(1 for _ in islice(found, MAX_TOKENS + 1))


def _integer(text: str) -> int | Digits:
    return int(text) if len(text) <= MAX_DIGITS else Digits(text)


def _refuse(name: str) -> None:
    raise ValueError(name)
