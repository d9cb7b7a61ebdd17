"""What a process holds at rest, and whether that stays level."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MOST_GROWTH = 1.05
"""Memory at the end over memory after the warm-up."""

COUNTS = ("descriptors", "threads", "tasks")


@dataclass(frozen=True)
class Sample:
    """A look at a sidecar without connections. Sizes are in bytes; `work` is what had been done by then."""

    work: str
    private: int
    """Memory that no file is behind: not the libraries' own, which are loaded as they are needed."""

    resident: int
    descriptors: int
    """File descriptors; on Windows, handles."""

    threads: int
    tasks: int
    task_names: str = ""
    """Of what the tasks are, and how many of each."""


def growth(samples: Sequence[Sample]) -> float:
    """The private memory of the last samples over that of the first ones after the warm-up, a third of these each.

    At rest the same work leaves a tenth more or less, as the free blocks lie; so no few samples tell.
    """
    warm = samples[len(samples) // 2 :]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    return statistics.median(one.private for one in last) / statistics.median(one.private for one in first)


def complaints(samples: Sequence[Sample], most_growth: float = MOST_GROWTH) -> list[str]:
    """What did not stay level, in words."""
    first, last = ends(samples)
    found = []
    if (grown := growth(samples)) > most_growth:
        found.append(f"the memory grew {grown:.3f} times, more than {most_growth} times")
    for name in COUNTS:
        before, after = max(getattr(one, name) for one in first), min(getattr(one, name) for one in last)
        if after > before:
            found.append(f"{name}: {before} after the warm-up, {after} in the end")
    return found


def ends(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """The first tenth after the warm-up, and the last.

    The first half is warm-up: the sidecar remembers the last 1,024 connections and sessions that ended, and until those
    are full it grows a little with each.
    """
    tenth = max(1, len(samples) // 10)
    warm = samples[len(samples) // 2 :]
    return warm[:tenth], warm[-tenth:]


def table(samples: Sequence[Sample]) -> str:
    """One line for each sample, and one more for each that has tasks which others have not."""
    least_tasks = min((one.tasks for one in samples), default=0)
    lines = [f"{'at rest after':>24}  private MiB  resident MiB  descriptors  threads  tasks"]
    for one in samples:
        sizes = f"{one.private / 2**20:11.1f}  {one.resident / 2**20:12.1f}"
        lines.append(f"{one.work:>24}  {sizes}  {one.descriptors:11}  {one.threads:7}  {one.tasks:5}")
        if one.tasks > least_tasks:
            lines.append(f"{'':24}  {one.task_names}")
    return "\n".join(lines)
