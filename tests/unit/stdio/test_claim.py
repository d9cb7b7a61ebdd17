from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.sidecar_process import ROOT

CLAIM = "from sidecar.stdio.claim import claim_stdio; wire = claim_stdio(); import os, sys, subprocess; "


def run(code: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", CLAIM + code], cwd=ROOT, input=b"request", capture_output=True, timeout=20, **options
    )


def test_the_wire_is_read_and_written_by_its_own_descriptors() -> None:
    done = run("os.write(wire.write, os.read(wire.read, 100).upper())")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"REQUEST", b"")


@pytest.mark.parametrize(
    "code",
    [
        "print('noise')",
        "os.write(1, b'noise\\n')",
        "import ctypes; libc = ctypes.CDLL(None); libc.puts(b'noise'); libc.fflush(None)",
        "subprocess.run(['echo', 'noise'])",
        "sys.__stdout__.write('noise'); sys.__stdout__.flush()",
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="uses the C library and echo of POSIX")
def test_prints_of_python_and_of_native_code_go_to_stderr(code: str) -> None:
    done = run(code)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (0, b"", b"noise")


@pytest.mark.parametrize("code", ["sys.stdin.read()", "os.read(0, 10).decode()"])
def test_standard_input_is_empty_for_everybody_else(code: str) -> None:
    assert run(f"sys.stderr.write(repr({code}))").stderr == b"''"


def test_a_child_inherits_neither_the_wire_nor_standard_input() -> None:
    child = "import os, sys; sys.stderr.write(repr(sys.stdin.read())); [os.fstat(int(fd)) for fd in sys.argv[1:]]"
    done = run(
        f"done = subprocess.run([sys.executable, '-c', {child!r}, str(wire.read), str(wire.write)], close_fds=False);"
        "sys.exit(done.returncode)"
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"''")
    assert b"Bad file descriptor" in done.stderr or b"handle is invalid" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the descriptor")
def test_a_program_without_stderr_still_has_its_wire() -> None:
    code = CLAIM + "print('noise'); os.write(1, b'noise'); os.write(wire.write, b'answer')"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, code], cwd=ROOT, stdout=subprocess.PIPE, timeout=20
    )
    assert (done.returncode, done.stdout) == (0, b"answer")
