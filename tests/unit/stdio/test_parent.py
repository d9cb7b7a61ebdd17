"""The watch over the parent process, and the processes that it watches."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sidecar.stdio.parent import ParentWatch
from sidecar.stdio.processes import parent_of, unpacked_folder
from tests.support.sidecar_process import ROOT

# A parent that starts a child, passes the child's standard output on, and ends when its input does.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], stdin=subprocess.DEVNULL)
sys.stdin.read()
"""
CHILD = """
import os, sys, threading
from sidecar.stdio.parent import ParentWatch
gone = threading.Event()
ParentWatch(poll_seconds=0.02).start(gone.set)
os.write(1, b"watching\\n")
os.write(1, b"gone\\n" if gone.wait(10) else b"not noticed\\n")
"""
# The part of PyInstaller's launcher in a one-file program: it waits for the child, even when its own parent has ended.
LAUNCHER = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", "import sys; sys._MEIPASS = '/nowhere/_MEI1'" + {CHILD!r}])
"""


@pytest.mark.parametrize("child", [CHILD, LAUNCHER], ids=["the parent", "the parent of a one-file program's launcher"])
def test_the_death_of_a_parent_is_noticed(child: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, child], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"watching"
        process.stdin.close()
        process.wait(10)
        assert process.stdout.readline().strip() == b"gone"


def test_a_stopped_watch_leaves_no_thread() -> None:
    before = threading.active_count()
    watch = ParentWatch()
    watch.start(lambda: None)
    watch.stop()
    assert threading.active_count() == before


class Ended:
    """A process that has ended."""

    def is_gone(self) -> bool:
        return True


def test_a_parent_that_died_before_the_watch_began_is_reported_once() -> None:
    told = []
    done = threading.Event()
    watch = ParentWatch([Ended()], poll_seconds=0.001)

    def on_death() -> None:
        told.append(1)
        watch.stop()
        done.set()

    watch.start(on_death)
    assert done.wait(5)
    watch.stop()
    assert told == [1]


def test_the_parent_of_a_process_is_known() -> None:
    assert parent_of(os.getpid()) == os.getppid()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert parent_of(child.pid) == os.getpid()
    assert parent_of(child.pid) is None


def test_the_unpacked_files_of_a_killed_launcher_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "_MEIabc"
    (folder / "inside").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    watch = ParentWatch()
    watch.clean_up_for_launcher()
    assert folder.exists(), "the launcher lives and cleans up by itself"
    ParentWatch([Ended()]).clean_up_for_launcher()
    assert not folder.exists()


def test_the_folder_of_a_one_folder_program_is_never_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/camera-sidecar/_internal", raising=False)
    assert unpacked_folder() is None
