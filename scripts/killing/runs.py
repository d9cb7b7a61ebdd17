"""One run: a parent with a streaming sidecar, the kill, and the processes and files that remain."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from killing.viewer import watching
from sidecar.client import SidecarClient

PARENT = Path(__file__).with_name("parent.py")
MARK = "CAMERA_SIDECAR_KILL_RUN"
"""The environment variable that marks the processes of a run, also after they were reparented."""

START_SECONDS = 120.0
ALLOWED_SECONDS = 1.0
"""Seconds for the sidecar's end. The unpacker of a one-file program may take longer: it removes the unpacked files."""

POLL_SECONDS = 0.005
LONGEST_STREAM = 0.5
"""The latest moment of the kill, in seconds after the first picture."""


@dataclass(frozen=True)
class Plan:
    """The parameters of the runs."""

    program: Sequence[str]
    held_pipe: bool = False
    victim: Literal["parent", "program"] = "parent"
    device_id: str = "test:pattern"
    is_free: Callable[[], bool] = lambda: True
    """Return whether the camera can be opened again."""

    end_seconds: float = 15.0
    """Seconds until a run stops waiting and kills the remaining processes."""


@dataclass(frozen=True)
class Ended:
    """The result of a kill. A time is None after the time limit; `survivors` and `leftovers` then have the names."""

    seconds: float | None
    """Until the sidecar was gone and its camera free."""

    all_seconds: float | None
    """Until every process of the run and every file in its temporary folder were gone."""

    survivors: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the sidecar ended within ALLOWED_SECONDS and every process and file of the run is gone."""
        return self.seconds is not None and self.seconds <= ALLOWED_SECONDS and self.all_seconds is not None


async def kill_run(plan: Plan, delay: float) -> Ended:
    """Kill the victim `delay` seconds after the first picture."""
    mark = str(uuid.uuid4())
    folder = Path(tempfile.mkdtemp(prefix="kill-run-"))
    env = {**os.environ, MARK: mark, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    mode = "held" if plan.held_pipe else "own"
    try:
        async with SidecarClient.start([sys.executable, str(PARENT), mode, *plan.program], env=env) as client:
            ready = await client.notification("ready", timeout=START_SECONDS)
            async with watching(client, plan.device_id):
                await asyncio.sleep(delay)
                with _held(client) if plan.held_pipe else nullcontext():
                    ended = await _kill(plan, client, psutil.Process(ready["pid"]), mark, folder)
            for process in _of_run(mark):
                process.kill()
        return ended
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _kill(plan: Plan, client: SidecarClient, sidecar: psutil.Process, mark: str, folder: Path) -> Ended:
    processes = _of_run(mark)
    assert sidecar in processes
    psutil.Process(int(client.stderr[0]) if plan.victim == "program" else client.process.pid).kill()
    killed_at = time.monotonic()

    async def seconds_until(over: Callable[[], bool]) -> float | None:
        while (passed := time.monotonic() - killed_at) < plan.end_seconds:
            if over():
                return passed
            await asyncio.sleep(POLL_SECONDS)
        return None

    seconds = await seconds_until(lambda: not _lives(sidecar) and plan.is_free())
    all_seconds = await seconds_until(lambda: not (any(map(_lives, processes)) or _names_in(folder)))
    survivors = tuple(" ".join(_command_of(process)) for process in _of_run(mark))
    return Ended(seconds, None if survivors else all_seconds, survivors, _names_in(folder))


def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(path.name for path in folder.iterdir())


@contextmanager
def _held(client: SidecarClient) -> Iterator[None]:
    """Keep the process's standard input open after the client has closed its end."""
    assert client.process.stdin is not None
    descriptor = os.dup(client.process.stdin.get_extra_info("pipe").fileno())
    try:
        yield
    finally:
        os.close(descriptor)


def _of_run(mark: str) -> list[psutil.Process]:
    """The living processes of a run."""
    return [process for process in psutil.process_iter() if _lives(process) and _mark_of(process) == mark]


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return str(process.environ().get(MARK))
    except psutil.Error:  # the process has ended, or belongs to another user
        return None


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return [str(process.pid), *process.cmdline()]
    except psutil.Error:
        return [str(process.pid)]


def _lives(process: psutil.Process) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
