"""The measurement of one start of a frozen program, and of its memory and CPU time when idle."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil
from freezing.check import clean_environment

from startup.programs import Program

LINE_LIMIT = 180.0
"""Seconds for a line of the program."""

END_LIMIT = 20.0
LINE_BYTES = 16 * 1024 * 1024

SETTLING = 5.0
"""Seconds after the first answer until the program counts as idle; the background imports have ended by then."""

WATCHING = 4.0
"""Seconds over which the idle program's processor time is measured."""


async def start(program: Program) -> dict[str, float]:
    """Return the seconds from the start to the first line; for the sidecar also to the first answer and first offer."""
    started = time.perf_counter()
    async with running(program) as process:
        if program.is_sidecar:
            send(process, 1, "ping")
        await message(process)
        found = {"ready": time.perf_counter() - started}
        if program.is_sidecar:
            await answer(process, 1)
            found["ping"] = time.perf_counter() - started
            send(process, 2, "start_camera_webrtc_session", {"device_id": "test:pattern"})
            offer = await answer(process, 2)
            assert offer["sdp_type"] == "offer"
            found["offer"] = time.perf_counter() - started
    return found


async def idle(program: Program) -> dict[str, float]:
    """Return the memory in MB and the processor time in percent of a core of a sidecar without requests.

    The figures cover all processes of the program; a one-file program has two. PSS divides shared pages (Linux).
    """
    async with running(program) as process:
        send(process, 1, "ping")
        await answer(process, 1)
        await asyncio.sleep(SETTLING)
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        before, begun = processor_seconds(family), time.monotonic()
        await asyncio.sleep(WATCHING)
        used = processor_seconds(family) - before
        memory = [member.memory_full_info() for member in family]
        return {
            "rss": sum(one.rss for one in memory) / 1e6,
            "pss": sum(getattr(one, "pss", one.uss) for one in memory) / 1e6,
            "private": sum(one.uss for one in memory) / 1e6,
            "idle_cpu": 100 * used / (time.monotonic() - begun),
        }


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[Process]:
    """The running program, ended with the block by the end of its standard input."""
    process = await asyncio.create_subprocess_exec(
        str(program.path),
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=clean_environment(),
        limit=LINE_BYTES,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), END_LIMIT)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def send(process: Process, request_id: int, method: str, params: dict[str, Any] | None = None) -> None:
    """Write a request."""
    assert process.stdin is not None
    request = {"jsonrpc": "2.0", "id": request_id, "method": method, **({"params": params} if params else {})}
    process.stdin.write(json.dumps(request).encode() + b"\n")


async def message(process: Process) -> bytes:
    """The next line."""
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), LINE_LIMIT)
    if not line:
        raise RuntimeError("the program ended during the measurement")
    return line


async def answer(process: Process, request_id: int) -> Any:
    """The result of a request; notifications are skipped."""
    while True:
        found = json.loads(await message(process))
        if found.get("id") == request_id:
            return found["result"]


def processor_seconds(family: list[psutil.Process]) -> float:
    """The processor time of the processes so far."""
    times = [member.cpu_times() for member in family]
    return sum(one.user + one.system for one in times)
