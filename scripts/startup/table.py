"""The table of the start-up figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from startup.programs import Program


@dataclass(frozen=True)
class Row:
    """A figure: title, unit, whether it is a time compared with the bare program's, and its target."""

    key: str
    title: str
    unit: str
    is_time: bool = False
    target: float | None = None


ROWS = (
    Row("ready", "start to the first line", "s", is_time=True, target=2),
    Row("ping", "start to the first answer", "s", is_time=True, target=2),
    Row("offer", "start to the first offer", "s", is_time=True, target=6),
    Row("rss", "memory, idle (RSS)", "MB"),
    Row("pss", "memory, idle (PSS)", "MB", target=60),
    Row("private", "memory, idle, its own", "MB"),
    Row("idle_cpu", "CPU, idle", "% of a core"),
)


@dataclass(frozen=True)
class Sample:
    """One figure of one program in one round; steal and others in percent of all processors' time."""

    program: str
    figure: str
    round: int
    value: float
    steal: float
    others: float
    noisy: bool


def table(programs: Sequence[Program], taken: Sequence[Sample]) -> str:
    """Return a Markdown table: medians and, for times, the smallest, which other load has affected least.

    Times also stand as multiples of the bare program's: the median by rounds, the smallest by its smallest.
    """
    head = ["", *(program.name for program in programs), "target (folder)"]
    rows = [head, ["---"] * len(head)]
    rows += [
        [row.title, *(cell(row, one.name, taken, programs[0].name) for one in programs), target(row)] for row in ROWS
    ]
    rows.append(["size on disk", *(f"{program.size / 1e6:.0f} MB" for program in programs), ""])
    steal, others = (max((getattr(one, key) for one in taken), default=0.0) for key in ("steal", "others"))
    note = f"Largest steal {steal:.0f} %, other load {others:.0f} %" + "; NOISY" * any(one.noisy for one in taken)
    return "\n".join([*("| " + " | ".join(cells) + " |" for cells in rows), "", note])


def cell(row: Row, program: str, taken: Sequence[Sample], base: str) -> str:
    """Return a figure of a program; empty without samples."""
    values = {one.round: one.value for one in taken if (one.program, one.figure) == (program, row.key)}
    if not values:
        return ""
    middle = statistics.median(values.values())
    if not row.is_time:
        return f"{middle:.1f} {row.unit}"
    bare = {one.round: one.value for one in taken if (one.program, one.figure) == (base, "ready")}
    multiple = statistics.median(value / bare[number] for number, value in values.items())
    smallest = min(values.values())
    best = f"{smallest:.2f} {row.unit} ({smallest / min(bare.values()):.1f}×)"
    return f"{middle:.2f} {row.unit} ({multiple:.1f}×), at best {best}"


def target(row: Row) -> str:
    """Return the target in words; empty without one."""
    if row.target is None:
        return ""
    return f"≤ {row.target:g}×" if row.is_time else f"≤ {row.target:g} {row.unit}"
