"""The end of the sidecar, by every cause and with hanging parts: within a second, complete, with its exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sidecar.options import EXIT_OK, EXIT_USAGE
from tests.support.busy_machine import SLACK
from tests.support.running_sidecar import CLEANING_UP, GONE_WITHIN, Adopted, RunningSidecar, running_sidecar
from tests.support.sidecar_process import raw_process, sidecar_command

SMALL = {"width": 320, "height": 180}


def end_of_input(sidecar: RunningSidecar) -> None:
    sidecar.wire.end_input()


def shutdown(sidecar: RunningSidecar) -> None:
    sidecar.request(99, "shutdown")


def by_signal(number: signal.Signals) -> Callable[[RunningSidecar], None]:
    return lambda sidecar: sidecar.wire.process.send_signal(number)


ENDS: dict[str, Callable[[RunningSidecar], None]] = {"the end of its input": end_of_input, "shutdown": shutdown}
if sys.platform != "win32":
    ENDS |= {
        "SIGTERM": by_signal(signal.SIGTERM),
        "SIGINT": by_signal(signal.SIGINT),
        "SIGHUP": by_signal(signal.SIGHUP),
    }


def nothing(sidecar: RunningSidecar, tmp_path: Path) -> None:
    # Answered by the app, not by the doorway: signals are handled from then on.
    sidecar.call(1, "get_available_cameras")


def two_sessions_and_a_connection(sidecar: RunningSidecar, tmp_path: Path) -> None:
    sidecar.request(1, "start_streaming", device_id="test:pattern", format=SMALL)
    assert "result" in sidecar.wire.answer_when_streaming(1)  # before, an end may have to wait for imports
    sidecar.call(2, "start_camera_webrtc_session", device_id="test:pattern", format=SMALL)


def a_driver_that_hangs(sidecar: RunningSidecar, tmp_path: Path) -> None:
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "fifo.mp4")  # without a writer, so that opening it never returns
    sidecar.request(1, "start_streaming", device_id=f"file:{tmp_path}/fifo.mp4")
    sidecar.wire.receive_notification("camera_state")


@pytest.fixture(autouse=True)
def hangups_are_not_ignored() -> Iterator[None]:
    """Reset SIGHUP for started programs, in case nohup runs the tests: exec keeps ignored signals ignored (POSIX)."""
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGHUP, lambda *_: None)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """The port of a TURN server that accepts connections and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("state", [nothing, two_sessions_and_a_connection], ids=["idle", "streaming"])
def test_it_is_gone_within_a_second_of(
    end: Callable[[RunningSidecar], None],
    state: Callable[[RunningSidecar, Path], None],
    sidecar_program: str | None,
    tmp_path: Path,
) -> None:
    with running_sidecar(sidecar_command(sidecar_program), tmp_path / "temporary") as sidecar:
        state(sidecar, tmp_path)
        since = time.monotonic()
        end(sidecar)
        assert sidecar.exit_code(since) == EXIT_OK, sidecar.wire.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a FIFO stands for a driver that hangs")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_driver_that_hangs_holds_nothing_up(
    end: Callable[[RunningSidecar], None], sidecar_program: str | None, tmp_path: Path
) -> None:
    command = sidecar_command(sidecar_program, "--allow-source", f"file:{tmp_path}/*")
    with running_sidecar(command, tmp_path / "temporary") as sidecar:
        a_driver_that_hangs(sidecar, tmp_path)
        since = time.monotonic()
        end(sidecar)
        assert sidecar.exit_code(since) == EXIT_OK, sidecar.wire.stderr
        assert sidecar.wire.answer(1)["error"]["data"]["kind"] == "shutting_down"


def test_a_server_that_hangs_holds_nothing_up(sidecar_program: str | None, tmp_path: Path, silent_server: int) -> None:
    server = {"urls": f"turn:127.0.0.1:{silent_server}?transport=tcp", "username": "user", "credential": "secret"}
    with running_sidecar(sidecar_command(sidecar_program), tmp_path / "temporary") as sidecar:
        sidecar.call(1, "start_camera_webrtc_session", device_id="test:pattern", format=SMALL, ice_servers=[server])
        since = time.monotonic()
        end_of_input(sidecar)
        assert sidecar.exit_code(since) == EXIT_OK, sidecar.wire.stderr


def test_a_client_that_does_not_read_holds_nothing_up(sidecar_program: str | None) -> None:
    process = subprocess.Popen(
        sidecar_command(sidecar_program), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(40):  # some 50 kB each, so that the pipe is full
            process.stdin.write(b'{"jsonrpc":"2.0","id":null,"method":"rpc.discover"}\n')
        process.stdin.flush()
        children = psutil.Process(process.pid).children()
        since = time.monotonic()
        process.stdin.close()
        psutil.wait_procs(children, timeout=GONE_WITHIN + SLACK)
        process.wait(CLEANING_UP if children else GONE_WITHIN + SLACK)
        assert children or time.monotonic() - since < GONE_WITHIN + SLACK
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the shell's Job Object does this there")
def test_it_dies_with_its_parent_though_somebody_holds_its_pipes(sidecar_program: str | None, tmp_path: Path) -> None:
    adopted = Adopted(sys.executable, sidecar_command(sidecar_program), tmp_path / "temporary")
    try:
        adopted.parent.kill()
        adopted.parent.wait()
        # Of a one-file program the launcher is among them, which takes its time to clean up.
        patience = GONE_WITHIN + SLACK if len(adopted.processes) == 1 else CLEANING_UP
        _, alive = psutil.wait_procs(adopted.processes, timeout=patience)
        assert not alive
        assert list(adopted.temporary.iterdir()) == []
    finally:
        adopted.close()


def test_a_wrong_command_line_ends_it_before_it_says_that_it_is_ready(sidecar_program: str | None) -> None:
    with raw_process(sidecar_command(sidecar_program, "--no-such-option")) as process:
        assert process.wait() == EXIT_USAGE
        assert process.pending() == []
        assert b"--no-such-option" in process.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="nohup is POSIX's")
def test_a_terminal_s_end_does_not_end_what_nohup_has_started(sidecar_program: str | None, tmp_path: Path) -> None:
    with running_sidecar(["nohup", *sidecar_command(sidecar_program)], tmp_path / "temporary") as sidecar:
        nothing(sidecar, tmp_path)
        ENDS["SIGHUP"](sidecar)
        sidecar.call(2, "ping")
        ENDS["SIGTERM"](sidecar)
        assert sidecar.exit_code(time.monotonic()) == EXIT_OK


def test_a_log_file_that_cannot_be_written_is_a_wrong_command_line(sidecar_program: str | None, tmp_path: Path) -> None:
    with raw_process(sidecar_command(sidecar_program, "--log-file", str(tmp_path / "missing" / "log"))) as process:
        assert process.wait() == EXIT_USAGE
        assert process.pending() == []
