"""scripts/fuzz.py finds each kind of fault."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from fuzzing import session
from fuzzing.__main__ import LAST_BYTES, Report, fuzz
from fuzzing.expectation import Answer, expected_answers
from fuzzing.lines import Lines
from fuzzing.session import FuzzError

LIMIT = 10.0
"""Seconds for answers, the start of the server included; a missing answer takes as long to be found."""

# A server that answers every line correctly, except for the code at @FAULT@.
SERVER = """
import sys
from fuzzing.expectation import expected_answers, parse_json
number = 0
for line in sys.stdin.buffer:
    for answer in expected_answers(line):
        number += 1
        ids = [answer] if isinstance(answer, str) else answer
        ones = [f'{"{"}"jsonrpc":"2.0","id":{one},"result":{"{"}"connections":[]{"}"}{"}"}' for one in ids]
        text = ones[0] if isinstance(answer, str) else f'[{",".join(ones)}]'
        @FAULT@
        print(text, flush=True)
        if parse_json(text if isinstance(answer, str) else "{}").get("id") == "shutdown":
            sys.exit()
"""


def server(fault: str) -> list[str]:
    return [sys.executable, "-c", SERVER.replace("@FAULT@", fault)]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = Path(session.__file__).parent.parent
    monkeypatch.setenv("PYTHONPATH", str(scripts))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', ["1"]),
        (b'{"jsonrpc":"2.0","method":"ping"}', []),
        (b'{"jsonrpc":"2.0","method":"ping","params":0}', ["null"]),
        (b'{"jsonrpc":"2.0","id":"a","method":7}', ['"a"']),
        (b'{"id":true,"method":"ping"}', ["null"]),
        (b'{"id":1e999}', ["null"]),
        (b"  \r", []),
        (b"{", ["null"]),
        (b"\xff", ["null"]),
        (b"[]", ["null"]),
        (b'[{"jsonrpc":"2.0","method":"ping"}]', []),
        (b'[{"jsonrpc":"2.0","method":"ping"},1,{"id":2}]', [("2", "null")]),
        (b"[%b1]" % (b"1," * 100), ["null"]),
        (b'{"id":%b}' % (b"9" * 5000), ["9" * 5000]),
        (b'{"id":%b}' % (b"9" * 70_000), ["null"]),
        (b'\xef\xbb\xbf{"id":1}', ["1"]),
        (b"\xef\xbb\xbf \r", []),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[%b1]}' % (b"1," * 50_000), ["1"]),
        (b"[%b1]" % (b"1," * 50_000), ["null"]),
    ],
)
def test_the_specification_says_which_answers_a_line_gets(line: bytes, answers: list[Answer]) -> None:
    assert expected_answers(line + b"\n") == answers


def test_the_same_seed_gives_the_same_lines() -> None:
    one, other = Lines(Random(5)), Lines(Random(5))
    assert [one.next() for _ in range(500)] == [other.next() for _ in range(500)]


def test_the_shortest_run_has_lines_on_both_sides_of_the_limits_and_of_every_kind() -> None:
    lines = Lines(Random(5))
    first = [lines.next() for _ in range(10)]
    assert [round(len(line) / 2**20) for line in first[:2]] == [9, 7]
    assert any(line.count(b"[") > 100 or line.count(b"{") > 100 for line in first[2:])
    assert any(line.strip() == b"" for line in first)
    assert any(line.startswith(b"[") for line in first)


def test_a_server_that_answers_everything_once_passes() -> None:
    assert fuzz(server("pass"), 1000, 1).answers > 500


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("if number == 70: continue", "not answered"),
        ("if number == 70: print(text, flush=True)", "unexpected answers"),
        ("if number == 70: sys.exit(3)", "the sidecar died: 3"),
        ('if number == 70: text = text.replace(\'"result":{\', \'"error":{"code":-32603,\')', "an internal error"),
    ],
)
def test_a_server_with_a_fault_is_found_out(fault: str, complaint: str) -> None:
    with pytest.raises(FuzzError, match=complaint):
        fuzz(server(fault), 1000, 1, answer_seconds=LIMIT)
    assert Path(LAST_BYTES).stat().st_size > 0


def test_memory_that_grows_after_the_warm_up_shows() -> None:
    assert Report(1, resident=[50, 60, *[100] * 16, 100, 100]).growth == pytest.approx(1.0)
    assert Report(1, resident=[50, 60, *range(100, 118)]).growth > 1.1
