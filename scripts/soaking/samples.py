"""Samples of a process's resources at rest, and the check that they do not grow."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MOST_GROWTH = 1.05
"""The largest allowed ratio of the memory at the end to the memory after the warm-up, for a long run.

Free blocks make single samples differ by a tenth in either direction. The ratio of the medians of two thirds of the
warm half, 16 samples each, then differs by some hundredths. A leak of 4 kB for each connection exceeds the limit.
"""

MOST_GROWTH_OF_A_SHORT_RUN = 1.5
"""The same for a run that ends before the memory of ended connections is full, and for a few samples."""

COUNTS = ("descriptors", "threads", "tasks")


@dataclass(frozen=True)
class Sample:
    """The resources of a sidecar without connections. Sizes are in bytes; `work` describes the work before."""

    work: str
    private: int
    """Memory without file-backed pages, which grow as code of the libraries is loaded."""

    resident: int
    descriptors: int
    """File descriptors; on Windows, handles."""

    threads: int
    tasks: int
    task_names: str = ""
    """The names of the tasks with their numbers."""


def growth(samples: Sequence[Sample]) -> float:
    """The private memory of the last samples over that of the first ones after the warm-up, a third of these each.

    At rest the same work leaves a tenth more or less, as the free blocks lie; so no few samples tell.
    """
    warm = samples[len(samples) // 2 :]
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    return statistics.median(one.private for one in last) / statistics.median(one.private for one in first)


def complaints(samples: Sequence[Sample], most_growth: float = MOST_GROWTH) -> list[str]:
    """Describe the resources that grew."""
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
    """Return the first and the last tenth of the samples after the warm-up.

    The first half is warm-up: the sidecar remembers the last 1,024 ended connections and sessions, and grows a little
    with each until these memories are full.
    """
    tenth = max(1, len(samples) // 10)
    warm = samples[len(samples) // 2 :]
    return warm[:tenth], warm[-tenth:]


def table(samples: Sequence[Sample]) -> str:
    """Return one line for each sample, with the names of the tasks for samples with more tasks than the others."""
    least_tasks = min((one.tasks for one in samples), default=0)
    lines = [f"{'at rest after':>24}  private MiB  resident MiB  descriptors  threads  tasks"]
    for one in samples:
        sizes = f"{one.private / 2**20:11.1f}  {one.resident / 2**20:12.1f}"
        lines.append(f"{one.work:>24}  {sizes}  {one.descriptors:11}  {one.threads:7}  {one.tasks:5}")
        if one.tasks > least_tasks:
            lines.append(f"{'':24}  {one.task_names}")
    return "\n".join(lines)
