"""The sidecar under soak: its client, the samples of its resources, and the check of its log."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psutil

from sidecar.client import CallError, SidecarClient
from soaking.samples import Sample

START_SECONDS = 120.0
CALL_SECONDS = 60.0
"""Seconds for the slowest answer on a busy machine: the first call imports the large libraries."""

REST_SECONDS = 30.0
"""Seconds until all cameras and connections have ended after they were closed."""

SETTLE_SECONDS = 10.0
"""Seconds until threads, tasks and descriptors have ended after that."""

LOOK_AGAIN_SECONDS = 0.1

MEMORY_SECONDS = 1.5
"""Seconds before memory is read: the sidecar returns free memory one second after the last camera's release."""

MDNS_PORT = 5353
MAX_COMPLAINTS = 20
TASKS = re.compile(r"DEBUG sidecar\.commands\.statistics: (\d+) tasks: (.*)")
HARMLESS = re.compile(
    r" (DEBUG|INFO) "
    # The camera of a file that was moved away is lost, which is logged as a warning.
    r"|WARNING sidecar\.(?:streams\.\S+|cameras\.(?:lifecycle|drivers)) file:"
    # On a busy machine this program may read the last answers after the sidecar's time limit.
    r"|WARNING sidecar\.app: the client did not take the last answers"
)
INTERNAL_ERROR = -32603


class SoakError(Exception):
    """The sidecar violated the contract; the message says how."""


class LogWatch(logging.Handler):
    """Reads the sidecar's stderr from the client's log; the client's warnings count as complaints as well."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.complaints: list[str] = []
        self.tasks: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line of the log."""
        line = record.getMessage()
        if found := TASKS.search(line):
            self.tasks.put_nowait((int(found[1]), found[2]))
        elif (record.levelno > logging.DEBUG or not HARMLESS.search(line)) and len(self.complaints) < MAX_COMPLAINTS:
            self.complaints.append(line)


class Subject:
    """A running sidecar."""

    def __init__(self, client: SidecarClient, pid: int, log: LogWatch) -> None:
        self.client = client
        self._process = psutil.Process(pid)
        self._log = log
        self._sessions: set[str] = set()
        self._least: Sample | None = None

    @property
    def complaints(self) -> list[str]:
        """The lines of the log that report a fault of the sidecar."""
        return self._log.complaints

    def udp_addresses(self) -> list[tuple[str, int]]:
        """The addresses of the sidecar's ICE sockets."""
        sockets: list[Any] = self._process.net_connections("udp")  # raddr is () where there is none; its type is not
        bound = [each.laddr for each in sockets if not each.raddr]
        return [(address.ip, address.port) for address in bound if address.port != MDNS_PORT]

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method and return its result. Raises CallError for an error of the contract, SoakError otherwise."""
        try:
            result = await self.client.call(method, params, timeout=CALL_SECONDS)
        except TimeoutError:
            raise SoakError(f"{method} was not answered within {CALL_SECONDS:g} s") from None
        except CallError as error:
            if error.code == INTERNAL_ERROR:
                raise SoakError(f"{method}: an internal error: {error.message}") from None
            raise
        if method == "start_streaming":
            self._sessions.add(result["session_id"])
        return result

    async def call_anyway(self, method: str, **params: Any) -> Any:
        """Call a method that may be refused at this moment; return its result, None when it is refused."""
        try:
            return await self.call(method, **params)
        except CallError:
            return None

    async def open_connections(self) -> set[str]:
        """The ids of all open connections."""
        return {one["connection_id"] for one in (await self.call("get_stats"))["connections"]}

    async def close_all(self) -> None:
        """Close every connection, stop every session and wait for the release of all cameras; raises SoakError."""
        for connection_id in await self.open_connections():
            await self.call_anyway("close_connection", connection_id=connection_id)
        for session_id in self._sessions:
            await self.call_anyway("stop_streaming", session_id=session_id)
        self._sessions.clear()
        limit = time.monotonic() + REST_SECONDS
        while left := _open_in(await self.call("get_stats")):
            if time.monotonic() > limit:
                raise SoakError(f"{REST_SECONDS:g} s after all was closed these are still open: {left}")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def sample(self, work: str) -> Sample:
        """Close all connections and sessions, wait until their resources have ended, and sample the process."""
        await self.close_all()
        limit = time.monotonic() + SETTLE_SECONDS
        while True:
            sample = await self._look(work)
            if self._least is None or _counts_within(sample, self._least) or time.monotonic() > limit:
                break
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        self._least = self._least or sample
        await asyncio.sleep(MEMORY_SECONDS)
        private, resident = self._memory()
        return replace(sample, private=private, resident=resident)

    async def _look(self, work: str) -> Sample:
        while not self._log.tasks.empty():
            self._log.tasks.get_nowait()
        await self.call("get_stats")
        tasks, names = await asyncio.wait_for(self._log.tasks.get(), CALL_SECONDS)
        private, resident = self._memory()
        return Sample(work, private, resident, self._descriptors(), self._process.num_threads(), tasks, names)

    def _descriptors(self) -> int:
        if sys.platform == "win32":
            return self._process.num_handles()
        return self._process.num_fds()

    def _memory(self) -> tuple[int, int]:
        if sys.platform == "linux":
            # Not the unique set size: it changes with every other process that runs the same libraries.
            memory = self._process.memory_info()
            return memory.rss - memory.shared, memory.rss
        full = self._process.memory_full_info()
        return full.uss, full.rss


@asynccontextmanager
async def soaked(argv: Sequence[str]) -> AsyncIterator[Subject]:
    """A sidecar under soak. Raises SoakError at the end for a wrong exit code."""
    watch = LogWatch()
    logger = logging.getLogger("sidecar.client")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(watch)
    try:
        async with SidecarClient.start([*argv, "--log-level", "debug"]) as client:
            ready = await client.notification("ready", timeout=START_SECONDS)
            yield Subject(client, ready["pid"], watch)
        if client.process.returncode != 0:
            raise SoakError(f"the sidecar ended with {client.process.returncode}")
    finally:
        logger.removeHandler(watch)


def _open_in(stats: Mapping[str, Any]) -> str:
    """Describe the open connections and cameras; empty without any."""
    connections = [f"connection {one['state']}" for one in stats["connections"]]
    cameras = [f"{one['device_id']} {one['state']} with {one['viewers']} viewers" for one in stats["cameras"]]
    return ", ".join(connections + cameras)


def _counts_within(sample: Sample, least: Sample) -> bool:
    return sample.descriptors <= least.descriptors and sample.threads <= least.threads and sample.tasks <= least.tasks
