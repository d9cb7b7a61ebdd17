"""Signals that come while the main thread hangs, each time in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.sidecar_process import ROOT

PROGRAM = """
import os, signal, sys, time
from sidecar.stdio.signals import SignalWatch

def on_signal(name):
    os.write(1, name.encode() + b"\\n")
    if name == "SIGTERM":
        os._exit(7)

SignalWatch([signal.SIGINT, signal.SIGTERM], on_signal).start()
os.write(1, b"watching\\n")
{hang}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("hang", ["while True: pass", "time.sleep(60)", "os.read(os.pipe()[0], 1)"])
def test_signals_are_taken_in_order_though_the_main_thread_hangs(hang: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(hang=hang)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"watching\n"
        for number in (signal.SIGINT, signal.SIGINT):
            process.send_signal(number)
            assert process.stdout.readline() == b"SIGINT\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == b"SIGTERM\n"
        assert process.wait(10) == 7


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_that_is_not_watched_is_left_to_the_system() -> None:
    command = [sys.executable, "-c", PROGRAM.format(hang="time.sleep(60)")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.Signals["SIGUSR1"])
        assert process.wait(10) == -signal.Signals["SIGUSR1"]
