from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from sidecar.stdio.parent import ParentWatch
from tests.support.sidecar_process import ROOT

# A parent that starts a child with the watch, passes the child's standard output on, and ends when its input does.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
sys.stdin.read()
"""
CHILD = """
import os, threading
from sidecar.stdio.parent import ParentWatch
gone = threading.Event()
ParentWatch(gone.set, poll_seconds=0.02).start()
os.write(1, b"watching\\n")
os.write(1, b"gone\\n" if gone.wait(10) else b"not noticed\\n")
"""


def test_the_death_of_the_parent_is_noticed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == b"watching"
        parent.stdin.close()
        parent.wait(10)
        assert parent.stdout.readline().strip() == b"gone"


def test_a_stopped_watch_leaves_no_thread() -> None:
    before = threading.active_count()
    watch = ParentWatch(lambda: None)
    watch.start()
    watch.stop()
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform == "win32", reason="os.getppid tells of the death on POSIX only")
def test_the_death_is_told_once_from_the_watch_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    done = threading.Event()

    def on_death() -> None:
        told.append(1)
        watch.stop()
        done.set()

    watch = ParentWatch(on_death, poll_seconds=0.001)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    watch.start()
    assert done.wait(5)
    watch.stop()
    assert told == [1]
