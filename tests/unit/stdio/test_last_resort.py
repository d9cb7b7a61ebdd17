"""The deadline of a process, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.sidecar_process import ROOT

PROGRAM = """
import os, sys, threading, time
from sidecar.stdio import last_resort
from sidecar.stdio.last_resort import LastResort
last_resort.SECONDS, last_resort.REPORT_SECONDS = 0.3, 0.1
resort = LastResort()
{code}
"""


def run(code: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", PROGRAM.format(code=code)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, timeout=20, check=False)


@pytest.mark.parametrize("call", ["arm(0.3)", "defer()"])
def test_the_process_ends_when_the_deadline_has_passed_and_says_what_its_threads_did(call: str) -> None:
    done = run(f"resort.{call}\ndef stand_still(): time.sleep(60)\nstand_still()")
    assert done.returncode == 1
    assert b"stand_still" in done.stderr


def test_a_cancelled_deadline_ends_nothing() -> None:
    done = run("resort.arm(0.2)\nresort.cancel()\nresort.arm(0.2)\nresort.defer()\ntime.sleep(0.6)\nos._exit(7)")
    assert (done.returncode, done.stderr) == (7, b"")


def test_a_deadline_that_is_deferred_again_and_again_never_comes() -> None:
    done = run("for _ in range(8):\n    resort.defer()\n    time.sleep(0.1)\nos._exit(7)")
    assert (done.returncode, done.stderr) == (7, b"")


def test_a_deadline_that_is_armed_is_moved_by_nothing() -> None:
    done = run("resort.arm(0.4)\nwhile True:\n    resort.defer()\n    resort.arm(60)\n    time.sleep(0.05)")
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX that is full")
def test_it_ends_though_nobody_reads_what_it_would_say() -> None:
    code = (
        "r, w = os.pipe(); os.dup2(w, 2); os.set_blocking(w, False)\ntry:\n    while True: os.write(w, bytes(4096))\n"
    )
    code += "except BlockingIOError: os.set_blocking(w, True)\nresort.arm(0.3)\ntime.sleep(60)"
    assert run(code).returncode == 1
