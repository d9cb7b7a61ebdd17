"""The time for a line grows with its length, for any content."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sidecar.rpc.envelope import parse
from sidecar.rpc.text import MAX_TOKENS, has_too_many_tokens
from tests.support.growth import MOST_GROWTH, growth

REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":%b}'


def repeated(text: bytes) -> Callable[[int], bytes]:
    return lambda size: REQUEST % (text * size)


LINES: dict[str, Callable[[int], bytes]] = {
    "commas": repeated(b","),
    "strings": repeated(b'""'),
    "strings without an end": repeated(b'"\\"'),
    "a string of escapes": lambda size: REQUEST % (b'"' + b'\\"' * size + b'"'),
    "a string of lone surrogates": lambda size: REQUEST % (b'"' + b"\\ud800" * size + b'"'),
    "backslashes": repeated(b"\\"),
    "arrays in arrays": repeated(b"["),
    "objects in objects": repeated(b'{"a":'),
    "closed arrays in arrays": lambda size: REQUEST % (b"[" * size + b"]" * size),
    "closed arrays": repeated(b"[]"),
    "members": lambda size: REQUEST % (b"{" + b'"a":1,' * size + b'"b":1}'),
    "values": lambda size: REQUEST % (b"[" + b"1," * size + b"1]"),
    "digits": repeated(b"9"),
    "digits of a fraction": lambda size: REQUEST % (b"0." + b"9" * size),
    "digits of an exponent": lambda size: REQUEST % (b"1e" + b"9" * size),
    "spaces": repeated(b" "),
    "NUL": repeated(b"\0"),
    "bytes that are no UTF-8": repeated(b"\xff"),
    "byte order marks": repeated(b"\xef\xbb\xbf"),
    "braces before the end": lambda size: b"{" * size + b"}",
    "a batch": lambda size: b"[" + b"{}," * size + b"{}]",
}


@pytest.mark.parametrize("make", LINES.values(), ids=LINES.keys())
def test_the_time_for_a_line_grows_no_faster_than_the_line(make: Callable[[int], bytes]) -> None:
    assert growth(make, parse) < MOST_GROWTH


@pytest.mark.parametrize(("count", "too_many"), [(MAX_TOKENS - 1, False), (MAX_TOKENS, True)])
def test_the_limit_counts_commas_strings_and_opening_brackets(count: int, too_many: bool) -> None:
    assert has_too_many_tokens(b"[" + b"1," * count + b"1]") is too_many
    assert has_too_many_tokens(b"[" + b'"a,[{" ' * count + b"1]") is too_many


def test_a_string_that_does_not_end_is_one_token() -> None:
    assert not has_too_many_tokens(b'"' + b",[{" * MAX_TOKENS)
