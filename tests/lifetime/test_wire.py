"""The wire of the real process: undisturbed by output of libraries, and without loss or delay for a slow reader."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import pytest

from sidecar.options import EXIT_NOT_CLEAN
from tests.support.sidecar_process import raw_process, sidecar_command
from tests.support.unread_sidecar import PATIENCE, frames, receive, send, unread, watching

INTERVAL = 0.1
"""Seconds between two statistics."""

NOISY = """
import ctypes, os, subprocess, sys
from sidecar.commands import table

async def noisy(services, params):
    import cv2
    print("noise of Python")
    os.write(1, b"noise of a descriptor\\n")
    libc = ctypes.CDLL(None)
    libc.printf(b"noise of C\\n")
    libc.fflush(None)
    subprocess.run(["echo", "noise of a child"], check=True)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_VERBOSE)
    cv2.VideoCapture("/nowhere/noise-of-opencv.mp4", cv2.CAP_FFMPEG)
    return await before(services, params)

before = table.HANDLERS["get_stats"]
table.HANDLERS["get_stats"] = noisy
sys.argv = ["camera-sidecar"]
from sidecar.__main__ import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uses the C library and echo of POSIX")
def test_whatever_is_printed_lands_on_stderr_and_the_wire_stays_clean() -> None:
    with raw_process([sys.executable, "-c", NOISY]) as process:
        process.send(b'{"jsonrpc":"2.0","id":1,"method":"get_stats"}\n{"jsonrpc":"2.0","id":2,"method":"shutdown"}\n')
        assert "result" in process.answer(1)  # raises when a line is no JSON
        process.wait()
        for whose in (b"of Python", b"of a descriptor", b"of C", b"of a child"):
            assert b"noise " + whose in process.stderr
        assert b"noise-of-opencv" in process.stderr or b"VIDEOIO" in process.stderr


async def test_a_reader_that_stops_loses_no_answer_and_stops_no_video(sidecar_program: str | None) -> None:
    async with unread(sidecar_program) as process, watching(process) as watched:
        await frames(watched, 1)
        subscribed_at = time.monotonic()
        await send(process, ("stats", "subscribe_stats", {"interval_ms": round(1000 * INTERVAL)}))
        # Some 60 kB each: far more than the pipe and the reader here hold.
        await send(process, *((number, "rpc.discover", {}) for number in range(100)))
        await frames(watched, 60)
        await send(process, ("last", "ping", {}))
        answered, statistics = [], 0
        while "last" not in answered:
            message = await receive(process)
            statistics += message.get("method") == "stats"
            answered += [message["id"]] if "id" in message else []
        assert answered == ["stats", *range(100), "last"]
        # Two seconds without a reader: the statistics that were due meanwhile, about 20, became one notification.
        due = (time.monotonic() - subscribed_at) / INTERVAL
        assert statistics < due - 8


async def test_a_reader_that_never_comes_back_ends_the_sidecar_which_says_why(sidecar_program: str | None) -> None:
    async with unread(sidecar_program) as process:
        assert (await receive(process))["method"] == "ready"
        assert process.stderr is not None
        requests = asyncio.create_task(send(process, *((number, "rpc.discover", {}) for number in range(2000))))
        said = await asyncio.wait_for(process.stderr.read(), 2 * PATIENCE)
        assert b"the client does not read its responses" in said
        requests.cancel()
        await asyncio.wait([requests])
        await asyncio.wait_for(process.communicate(), PATIENCE)  # asyncio waits for the end of the pipes, too
        assert process.returncode == EXIT_NOT_CLEAN


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("ping", {}, None),
        ("request_camera_permission", {"device_id": "test:pattern"}, None),
        ("start_streaming", {"device_id": "nothing:there"}, "camera_not_found"),
    ],
)
def test_ten_thousand_requests_at_once_are_all_answered(
    sidecar_program: str | None, method: str, params: dict[str, str], kind: str | None
) -> None:
    count = 10_000
    with raw_process(sidecar_command(sidecar_program)) as process:
        lines = [
            json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) for number in range(count)
        ]
        process.send("\n".join([*lines, ""]).encode())
        answers: dict[int, Any] = {}
        while len(answers) < count:
            message = process.receive()
            if "id" in message:
                assert message["id"] not in answers
                answers[message["id"]] = message
        assert {message["error"]["data"]["kind"] if "error" in message else None for message in answers.values()} == {
            kind
        }
        process.send(b'{"jsonrpc":"2.0","id":"next","method":"ping"}\n')
        assert "result" in process.answer("next")


HOSTILE = {
    "a NUL": b'{"jsonrpc":"2.0","id":1,"method":"pi\x00ng"}',
    "bad UTF-8": b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}',
    "NaN": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[NaN]}',
    "Infinity": b'{"jsonrpc":"2.0","id":-Infinity,"method":"ping"}',
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a huge number": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[' + b"9" * 100_000 + b"]}",
    "a huge exponent": b'{"jsonrpc":"2.0","id":1,"method":"subscribe_stats","params":[1e999]}',
    "a huge id": b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
    "eight mebibytes of unknown parameters": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{%b"x":0}}'
    % b"".join(b'"p%d":0,' % number for number in range(680_000)),
    "eight mebibytes": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"' + b"x" * (8 * 2**20 - 57) + b'"}}',
    "more": b"x" * (8 * 2**20 + 1),
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_hostile_line_has_its_answer_and_the_next_request_works(
    sidecar_program: str | None, line: bytes, end: bytes
) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        assert process.receive()["method"] == "ready"
        process.send(line + end + b'{"jsonrpc":"2.0","id":"next","method":"ping"}' + end)
        received = [process.receive(), process.receive()]
        assert sorted("error" in message for message in received) == [False, True]
        assert next(message["id"] for message in received if "result" in message) == "next"


def test_two_requests_of_one_id_in_flight_are_both_served(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        process.send(b'{"jsonrpc":"2.0","id":1,"method":"get_available_cameras"}\n' * 2)
        assert ["result" in process.answer(1) for _ in range(2)] == [True, True]


def test_requests_may_come_byte_by_byte(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program)) as process:
        for byte in b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n':
            process.send(bytes([byte]))
        assert "result" in process.answer(1)
