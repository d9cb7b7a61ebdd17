"""The load of the machine during a measurement: stolen time and other processes."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import psutil

MOST_STEAL = 10.0
"""Percent of the processors' time that the host may keep from this machine during a measurement."""

TRIES = 5

T = TypeVar("T")


@dataclass(frozen=True)
class Load:
    """Percent of all processors' time: `steal`, taken by the virtual machine's host, and `others`, other processes."""

    steal: float
    others: float


@dataclass(frozen=True)
class Measured(Generic[T]):
    """A measurement with its load; `noisy` when every try had too much steal."""

    value: T
    load: Load
    noisy: bool


class Meter(Protocol):
    """Measures the load since its creation."""

    def load(self) -> Load:
        """The load up to now."""
        ...


async def measured(measure: Callable[[], Awaitable[T]], start_meter: Callable[[], Meter] | None = None) -> Measured[T]:
    """Measure until the steal is at most MOST_STEAL, TRIES times at most."""
    for _ in range(TRIES):
        meter = (start_meter or LoadMeter)()
        value = await measure()
        load = meter.load()
        if load.steal <= MOST_STEAL:
            return Measured(value, load, noisy=False)
    return Measured(value, load, noisy=True)


class LoadMeter:
    """Measures the load since its creation. Steal is 0 except on Linux, the only platform that reports it."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()
        self._own_before = own_seconds()

    def load(self) -> Load:
        """The load up to now."""
        after, own = psutil.cpu_times(), own_seconds()
        spent = {name: getattr(after, name) - getattr(self._before, name) for name in after._fields}
        # Linux counts the time of guests in `user` as well.
        total = sum(seconds for name, seconds in spent.items() if not name.startswith("guest"))
        steal = spent.get("steal", 0.0)
        others = total - spent["idle"] - spent.get("iowait", 0.0) - steal - (own - self._own_before)
        return Load(100 * steal / max(total, 1e-9), 100 * max(others, 0.0) / max(total, 1e-9))


def own_seconds() -> float:
    """The processor time of this process and all its descendants, ended ones included, in seconds."""
    this = psutil.Process()
    own = this.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in this.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


class ProcessMeter:
    """Measures the processor time of one process since its creation."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._started, self._before = time.monotonic(), self._seconds()

    def percent(self) -> float:
        """The processor time as percent of one core."""
        return 100 * (self._seconds() - self._before) / (time.monotonic() - self._started)

    def _seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def write_report(file: Path, **content: Any) -> None:
    """Write the machine and the content as JSON."""
    file.write_text(json.dumps({"machine": machine(), **content}, indent=2) + "\n", encoding="utf-8")


def machine() -> str:
    """Describe the machine in one line."""
    cores, logical = psutil.cpu_count(logical=False) or 0, psutil.cpu_count() or 0
    memory = psutil.virtual_memory().total / 2**30
    name = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{logical} logical processors ({cores} cores), {processor()}, {memory:.1f} GiB, {name}"


def processor() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
