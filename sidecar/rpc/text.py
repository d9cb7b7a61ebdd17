"""JSON texts of an untrusted client: the limits here bound the time and the memory that a line takes.

Python's parser needs half a second and 50 times the memory of the text for a line of 8 MiB that holds a million
values, and no other thread runs meanwhile. So the tokens of a line are counted first; the count stops at its limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_TOKENS = 50_000
"""Strings, commas and opening brackets in one line. A batch of 100 requests with 16 ICE servers each has 20,000."""

MAX_INTEGER_DIGITS = 4300
"""Python converts no longer integers (`sys.get_int_max_str_digits`): the time grows with the square of the digits."""

MAX_MEMBERS_BYTES = 128 * 1024
"""The longest text on either side of `params` that is read from a line with too many tokens."""

# Possessive, so that no input is matched twice; a string without an end is one token up to the end of the line.
_TOKEN = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[,\[{]'
_OPENING = (b"[", b"{")


class LongInteger:
    """An integer of more than MAX_INTEGER_DIGITS digits, as text: valid as an id, and as the value of no parameter."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def parse_json(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8 (RFC 8259).

    Raises ValueError when it is no JSON, and RecursionError when its arrays and objects are nested too deeply.
    """
    return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_integer)


def has_too_many_tokens(line: bytes) -> bool:
    """Return whether a line holds more than MAX_TOKENS tokens; commas and brackets in strings are no tokens."""
    at_most = line.count(b",") + line.count(b"[") + line.count(b"{") + line.count(b'"') // 2 + 1
    return at_most > MAX_TOKENS and any(number > MAX_TOKENS for number, _ in enumerate(_tokens(line), 1))


def is_closed(line: bytes) -> bool:
    """Return whether the line ends with the counterpart of the bracket that begins it."""
    return line[:1] + line[-1:] in (b"[]", b"{}")


def without_params(line: bytes) -> Any:
    """Return the object in a line with null in the place of the first array or object inside; None if there is none.

    Its id says which request to answer where the line as a whole is not parsed.
    """
    head = line[:MAX_MEMBERS_BYTES]
    inner = (token.start() for token in _tokens(head) if token.start() > 0 and token[0] in _OPENING)
    start = next(inner, None)
    end = max(line.rfind(b"]", 0, -1), line.rfind(b"}", 0, -1)) + 1
    if start is None or len(line) - end > MAX_MEMBERS_BYTES:
        return None
    try:
        return parse_json(line[:start] + b"null" + line[end:])
    except (ValueError, RecursionError):
        return None


def _tokens(text: bytes) -> Iterator[re.Match[bytes]]:
    return re.finditer(_TOKEN, text, re.DOTALL)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int | LongInteger:
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS else LongInteger(digits)
