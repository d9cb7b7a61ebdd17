from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.rpc.early import LONGEST_LINE, EarlyAnswers, RequestWatch
from sidecar.rpc.outbox import Outbox

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def never() -> None:
    raise AssertionError("the outbox overflowed")


def sieve(*pieces: bytes) -> tuple[bytes, list[Any]]:
    """Return the passed part of a stream in these pieces, and the answers."""
    outbox = Outbox(never)
    early = EarlyAnswers({"ping": lambda: {"pong": True}}, outbox)
    rest = b"".join(map(early.sieve, pieces))
    return rest, [json.loads(line) for line in outbox.take(timeout=0).splitlines()]


def test_a_request_without_parameters_is_answered_and_taken_out() -> None:
    assert sieve(b"before\n" + PING + b"\r\nafter\n") == (
        b"before\nafter\n",
        [{"jsonrpc": "2.0", "result": {"pong": True}, "id": 1}],
    )


@pytest.mark.parametrize("params", [b"[]", b"{}"])
def test_no_parameters_may_be_written_down(params: bytes) -> None:
    rest, answers = sieve(PING[:-1] + b',"params":' + params + b"}\n")
    assert (rest, len(answers)) == (b"", 1)


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":1}}',
        b'{"jsonrpc":"2.0","id":1,"method":"pong"}',
        b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
        b"[" + PING + b"]",
        b"[]",
        b"no json",
        b"\xff",
        b"",
        PING + b" " * LONGEST_LINE,
    ],
)
def test_any_other_line_is_passed_unchanged(line: bytes) -> None:
    assert sieve(line + b"\n") == (line + b"\n", [])


@given(st.integers(1, len(PING)))
def test_a_request_that_comes_in_two_pieces_is_left_for_later(cut: int) -> None:
    assert sieve(PING[:cut], PING[cut:] + b"\n") == (PING + b"\n", [])


@given(st.lists(st.sampled_from([PING, b"other", b"\n", b"{", b""])))
def test_every_line_is_either_passed_or_answered(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    rest, answers = sieve(*pieces)
    assert len(stream) == len(rest) + len(answers) * len(PING + b"\n")


SHUTDOWN = b'{"jsonrpc":"2.0","id":1,"method":"shutdown"}'


def noticed(*pieces: bytes) -> int:
    calls: list[None] = []
    watch = RequestWatch("shutdown", lambda: calls.append(None))
    for piece in pieces:
        watch.look(piece)
    return len(calls)


@pytest.mark.parametrize(
    "pieces",
    [
        [SHUTDOWN + b"\n"],
        [SHUTDOWN.replace(b'"id":1,', b"") + b"\r\n"],
        [b"[" + PING + b"," + SHUTDOWN + b"]\n"],
        [b"rest of a line\n" + SHUTDOWN + b"\n" + PING],
        [b"the begin of a line", b" and its end\n" + SHUTDOWN + b"\n"],
    ],
)
def test_a_request_is_noticed_among_others(pieces: list[bytes]) -> None:
    assert noticed(*pieces) == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [PING + b"\n"],
        [SHUTDOWN],
        [SHUTDOWN[:9], SHUTDOWN[9:] + b"\n"],
        [b"a line with ", SHUTDOWN + b"\n"],
        [b"a line with ", b"more, and ", SHUTDOWN + b"\n"],
        [SHUTDOWN[:-1] + b',"params":[1]}\n'],
        [b'{"jsonrpc":"2.0","id":1,"method":"ping","params":["shutdown"]}\n'],
        [SHUTDOWN + b" " * LONGEST_LINE + b"\n"],
        [b'"shutdown"\n'],
    ],
)
def test_a_line_that_is_no_request_for_the_method_is_not_noticed(pieces: list[bytes]) -> None:
    assert noticed(*pieces) == 0
