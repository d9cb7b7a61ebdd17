"""The whole edge of the process, in a program that has no camera."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.rpc_methods import request
from tests.support.sidecar_process import ROOT, RawProcess, raw_process

PROGRAM = [sys.executable, "-m", "tests.support.rpc_app"]


@pytest.fixture
def process() -> Iterator[RawProcess]:
    with raw_process(PROGRAM) as process:
        assert process.receive()["method"] == "ready"
        yield process


def test_prints_stay_off_the_wire(process: RawProcess) -> None:
    process.send(request("pollute") + b"\n")
    assert process.receive() == {"jsonrpc": "2.0", "result": {}, "id": 1}
    process.end_input()
    assert process.wait() == 0
    for who in (b"by Python", b"by a library", b"by a child"):
        assert b"printed " + who in process.stderr


def test_the_end_of_input_ends_the_process_after_the_answers(process: RawProcess) -> None:
    process.send(request("echo", ["one"], 1) + b"\n" + request("echo", ["two"], 2))
    process.end_input()
    assert process.wait() == 0
    assert [answer["id"] for answer in process.pending()] == [1, 2]


def test_a_request_in_flight_at_the_end_of_input_is_answered_too(process: RawProcess) -> None:
    process.send(request("wait") + b"\n")
    process.end_input()
    assert process.wait() == 0
    assert [answer["error"]["data"]["kind"] for answer in process.pending()] == ["server_closed"]


def test_a_line_far_longer_than_a_stream_buffer_is_served(process: RawProcess) -> None:
    text = "x" * 1_000_000
    process.send(request("echo", [text]) + b"\n")
    assert process.receive()["result"] == {"value": text}


def test_a_line_over_the_limit_is_refused_and_the_next_one_is_served(process: RawProcess) -> None:
    process.send(b'"' + b"x" * (8 * 1024 * 1024) + b'"\n' + request("echo", ["next"]) + b"\n")
    assert process.receive()["error"]["code"] == -32600
    assert process.receive()["result"] == {"value": "next"}


def test_a_client_that_closes_its_end_of_the_output_ends_the_process() -> None:
    with subprocess.Popen(PROGRAM, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(request("echo", ["x"]) + b"\n")
        process.stdin.flush()
        assert process.wait(10) is not None


def test_a_client_that_reads_late_gets_every_answer_and_does_not_stop_the_work() -> None:
    count = 300
    lines = b"".join(request("echo", ["x" * 5000], number) + b"\n" for number in range(count))
    with subprocess.Popen(PROGRAM, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # The output's pipe is full long before the last request is written.
        process.stdin.write(lines)
        process.stdin.close()
        answers = [json.loads(line) for line in process.stdout]
    assert [answer.get("id") for answer in answers[1:]] == list(range(count))
