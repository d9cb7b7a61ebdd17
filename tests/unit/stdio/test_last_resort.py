"""The deadline of a process, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.sidecar_process import ROOT

PROGRAM = """
import os, sys, threading, time
from sidecar.stdio.last_resort import LastResort
resort = LastResort(seconds={seconds}, report_seconds={report_seconds})
{code}
"""


def run(code: str, seconds: float = 0.3, report_seconds: float = 0.1) -> subprocess.CompletedProcess[bytes]:
    """Run a process; its last resort has this many seconds by default."""
    program = PROGRAM.format(code=code, seconds=seconds, report_seconds=report_seconds)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=20, check=False)


@pytest.mark.parametrize("call", ["arm(2)", "defer()"])
def test_the_process_ends_at_the_deadline_and_writes_the_stacks_of_its_threads(call: str) -> None:
    # A busy machine runs the reporting thread late; the report has most of the time before the deadline.
    done = run(f"resort.{call}\ndef stand_still(): time.sleep(60)\nstand_still()", seconds=2.0, report_seconds=1.8)
    assert done.returncode == 1
    assert b"stand_still" in done.stderr


def test_a_cancelled_deadline_does_not_end_the_process() -> None:
    done = run("resort.arm(10)\nresort.cancel()\nresort.arm(0.2)\nresort.defer()\ntime.sleep(0.6)\nos._exit(7)")
    assert (done.returncode, done.stderr) == (7, b"")


def test_a_deadline_that_is_deferred_again_and_again_never_comes() -> None:
    # The process defers for longer than one deadline; only a pause of almost two seconds would pass it.
    code = "end = time.monotonic() + 2.5\nwhile time.monotonic() < end:\n    resort.defer()\n    time.sleep(0.05)\n"
    done = run(f"{code}os._exit(7)", seconds=2.0)
    assert (done.returncode, done.stderr) == (7, b"")


def test_an_armed_deadline_stays_where_it_is() -> None:
    done = run("resort.arm(0.4)\nwhile True:\n    resort.defer()\n    resort.arm(60)\n    time.sleep(0.05)")
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX that is full")
def test_the_process_ends_while_its_stderr_is_full() -> None:
    code = (
        "r, w = os.pipe(); os.dup2(w, 2); os.set_blocking(w, False)\ntry:\n    while True: os.write(w, bytes(4096))\n"
    )
    code += "except BlockingIOError: os.set_blocking(w, True)\nresort.arm(0.3)\ntime.sleep(60)"
    assert run(code).returncode == 1
