"""The sidecar as its parent sees it: its processes, its folder for temporary files, the time until its end."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.busy_machine import SLACK
from tests.support.sidecar_process import ROOT, RawProcess

GONE_WITHIN = 1.0
"""Seconds until the process has ended, by the contract."""

CLEANING_UP = 30.0
"""Seconds that the launcher of a one-file program may take, after its child, to remove 140 MB from a busy disk."""


class RunningSidecar:
    """A sidecar that is ready, with its child processes: a one-file program consists of a launcher and a child."""

    def __init__(self, wire: RawProcess, temporary: Path) -> None:
        self.wire = wire
        self.temporary = temporary
        self.pid: int = wire.receive()["params"]["pid"]
        self.children = psutil.Process(wire.process.pid).children(recursive=True)

    def request(self, number: int, method: str, **params: object) -> None:
        """Send a request without waiting for its answer."""
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.wire.send(json.dumps(message).encode() + b"\n")

    def call(self, number: int, method: str, **params: object) -> dict[str, object]:
        """Send a request and return its result."""
        self.request(number, method, **params)
        answer: dict[str, object] = self.wire.answer(number)
        assert "result" in answer, answer
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def exit_code(self, since: float) -> int:
        """Wait for the sidecar's end in time and for its launcher's end; check that no unpacked file remains."""
        limit = GONE_WITHIN + SLACK
        _, alive = psutil.wait_procs(self.children, timeout=limit)
        assert not alive
        exit_code = self.wire.wait(limit if not self.children else CLEANING_UP)
        assert self.children or time.monotonic() - since < limit
        assert list(self.temporary.iterdir()) == []
        return exit_code


@contextmanager
def running_sidecar(argv: Sequence[str], temporary: Path) -> Iterator[RunningSidecar]:
    """A sidecar with a separate folder for temporary files; killed at the end of the block if it still runs."""
    temporary.mkdir()
    wire = RawProcess(argv, env={**os.environ, "TMPDIR": str(temporary)})
    try:
        sidecar = RunningSidecar(wire, temporary)
        try:
            yield sidecar
        finally:
            for process in sidecar.children:
                if process.is_running():
                    process.kill()
    finally:
        wire.close()


class Adopted:
    """A sidecar with a parent that the test can kill while this process holds both its pipes."""

    # The parent starts the sidecar with its standard input and output and waits for it.
    PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"

    def __init__(self, python: str, argv: Sequence[str], temporary: Path) -> None:
        temporary.mkdir()
        self.temporary = temporary
        self.parent = subprocess.Popen(
            [python, "-c", self.PARENT, *argv],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        assert self.parent.stdout is not None
        assert json.loads(self.parent.stdout.readline())["method"] == "ready"
        self.processes = psutil.Process(self.parent.pid).children(recursive=True)

    def close(self) -> None:
        """Kill the processes that still run."""
        for process in self.processes:
            if process.is_running():
                process.kill()
        self.parent.kill()
        self.parent.wait()
        for stream in (self.parent.stdin, self.parent.stdout):
            if stream is not None:
                stream.close()
