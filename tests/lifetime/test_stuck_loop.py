"""The process ends within its second though its event loop stands still: in Python, or in C that lets others run.

C that holds the interpreter lock all the time is not covered: no thread of Python learns of an end meanwhile.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sidecar.options import EXIT_NOT_CLEAN, EXIT_OK
from tests.support.busy_machine import SLACK
from tests.support.running_sidecar import GONE_WITHIN, Adopted, RunningSidecar, running_sidecar

# The real program with another get_stats, which connects to the test and then blocks the event loop.
STUCK = """
import os, re, socket, sys, time
from sidecar import app
from sidecar.commands import table

async def get_stuck(services, params):
    signal_of_it = socket.create_connection(("127.0.0.1", @PORT@))
    @BLOCK@

table.HANDLERS["get_stats"] = get_stuck
sys.argv = ["camera-sidecar"]
from sidecar.__main__ import main
main()
"""
BLOCKS = {
    "a loop in Python": "while True: pass",
    "a call that sleeps": "time.sleep(600)",
    "a descriptor nobody writes to": "os.read(os.pipe()[0], 1)",
    "a log nobody reads": "os.set_blocking(2, True); [os.write(2, bytes(65536)) for _ in range(1000)]",
}


def end_of_input(sidecar: RunningSidecar) -> None:
    sidecar.wire.end_input()


def shutdown(sidecar: RunningSidecar) -> None:
    sidecar.request(99, "shutdown")


def shutdown_in_a_batch(sidecar: RunningSidecar) -> None:
    sidecar.wire.send(b'[{"jsonrpc":"2.0","id":99,"method":"shutdown","params":{}}]\n')


def by_signal(number: int) -> Callable[[RunningSidecar], None]:
    return lambda sidecar: sidecar.wire.process.send_signal(number)


ENDS: dict[str, Callable[[RunningSidecar], None]] = {
    "the end of its input": end_of_input,
    "shutdown": shutdown,
    "shutdown in a batch": shutdown_in_a_batch,
}
if sys.platform != "win32":
    ENDS |= {name: by_signal(signal.Signals[name]) for name in ("SIGTERM", "SIGINT")}


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def command(server: socket.socket, block: str) -> list[str]:
    code = STUCK.replace("@PORT@", str(server.getsockname()[1])).replace("@BLOCK@", block)
    return [sys.executable, "-c", code]


def stuck(sidecar: RunningSidecar, server: socket.socket, *, streaming: bool = False) -> None:
    if streaming:
        small = {"width": 320, "height": 180}
        sidecar.call(1, "start_camera_webrtc_session", device_id="test:pattern", format=small)
    sidecar.request(2, "get_stats")
    server.accept()[0].close()


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("block", [BLOCKS[name] for name in list(BLOCKS)[:3]], ids=list(BLOCKS)[:3])
def test_it_is_gone_within_a_second_though_the_event_loop_is_in(
    block: str, end: Callable[[RunningSidecar], None], tmp_path: Path
) -> None:
    with listening() as server, running_sidecar(command(server, block), tmp_path / "temporary") as sidecar:
        stuck(sidecar, server, streaming=True)
        since = time.monotonic()
        end(sidecar)
        assert sidecar.exit_code(since) == EXIT_NOT_CLEAN
        assert b"get_stuck" in sidecar.wire.stderr, "what the loop did stands in the log"


@pytest.mark.parametrize("end", ["the end of its input", "SIGTERM"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_log_that_nobody_reads_holds_nothing_up(end: str) -> None:
    with listening() as server:
        process = subprocess.Popen(
            command(server, BLOCKS["a log nobody reads"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        try:
            process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"get_stats"}\n')
            process.stdin.flush()
            server.accept()[0].close()
            since = time.monotonic()
            if end == "SIGTERM":
                process.terminate()
            else:
                process.stdin.close()
            assert process.wait(GONE_WITHIN + SLACK) == EXIT_NOT_CLEAN
            assert time.monotonic() - since < GONE_WITHIN + SLACK
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                assert stream is not None
                stream.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the shell's Job Object does this there")
@pytest.mark.parametrize("block", [BLOCKS["a loop in Python"], BLOCKS["a call that sleeps"]], ids=["Python", "C"])
def test_it_dies_with_its_parent_though_its_event_loop_stands_still(block: str, tmp_path: Path) -> None:
    with listening() as server:
        adopted = Adopted(sys.executable, command(server, block), tmp_path / "temporary")
        try:
            assert adopted.parent.stdin is not None
            adopted.parent.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"get_stats"}\n')
            adopted.parent.stdin.flush()
            server.accept()[0].close()
            adopted.parent.kill()
            adopted.parent.wait()
            _, alive = psutil.wait_procs(adopted.processes, timeout=GONE_WITHIN + SLACK)
            assert not alive
        finally:
            adopted.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_end_that_does_not_end_is_cut_short(tmp_path: Path) -> None:
    code = (
        "import sys, time; from sidecar.__main__ import main; from sidecar.streams.sessions import Sessions;"
        "Sessions.aclose = lambda self: time.sleep(60); sys.argv = ['camera-sidecar']; main()"
    )
    with running_sidecar([sys.executable, "-c", code], tmp_path / "temporary") as sidecar:
        sidecar.call(1, "get_available_cameras")
        since = time.monotonic()
        os.kill(sidecar.pid, signal.SIGTERM)
        assert sidecar.exit_code(since) == EXIT_NOT_CLEAN


def test_input_that_takes_longer_than_a_second_is_worked_off_before_the_end(tmp_path: Path) -> None:
    # As slow as a busy machine: each of the requests takes a while, and the loop runs in between.
    code = """
import asyncio, sys, time
from sidecar import app
from sidecar.commands import table
from sidecar.contract.methods import Done

async def slow(services, params):
    time.sleep(0.25)
    return Done()

table.HANDLERS["request_keyframe"] = slow
sys.argv = ["camera-sidecar"]
from sidecar.__main__ import main
main()
"""
    count = 12
    with running_sidecar([sys.executable, "-c", code], tmp_path / "temporary") as sidecar:
        sidecar.call(0, "get_available_cameras")
        line = '{"jsonrpc":"2.0","id":%d,"method":"request_keyframe","params":["x"]}\n'
        sidecar.wire.send("".join(line % number for number in range(1, count + 1)).encode())
        sidecar.wire.end_input()
        assert sidecar.wire.wait(30) == EXIT_OK
        answered = [message["id"] for message in sidecar.wire.pending() if "result" in message]
        assert answered == list(range(1, count + 1))
