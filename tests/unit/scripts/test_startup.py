"""The table of the frozen programs' start-up."""

from __future__ import annotations

from pathlib import Path

from startup.programs import Program
from startup.table import Sample, table

BARE = Program("bare", Path("bare"), 10_000_000, is_sidecar=False)
SIDECAR = Program("sidecar", Path("sidecar"), 290_000_000, is_sidecar=True)


def sample(program: Program, figure: str, number: int, value: float) -> Sample:
    return Sample(program.name, figure, number, value, steal=0.0, others=1.0, noisy=False)


def rows() -> dict[str, list[str]]:
    """The cells of each row, by the row's title."""
    taken = [
        *(sample(BARE, "ready", number, seconds) for number, seconds in enumerate((0.1, 0.2, 0.1), 1)),
        *(sample(SIDECAR, "offer", number, seconds) for number, seconds in enumerate((0.6, 1.0, 0.4), 1)),
        sample(SIDECAR, "pss", 0, 42.5),
    ]
    lines = table([BARE, SIDECAR], taken).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {title: others for title, *others in cells}


def test_times_are_medians_and_the_smallest_each_as_a_multiple_of_the_bare_program_s() -> None:
    assert rows()["start to the first offer"] == ["", "0.60 s (5.0×), at best 0.40 s (4.0×)", "≤ 6×"]


def test_other_figures_are_medians_and_what_was_not_measured_is_left_empty() -> None:
    assert rows()["memory, idle (PSS)"] == ["", "42.5 MB", "≤ 60 MB"]
    assert rows()["CPU, idle"] == ["", "", ""]
    assert rows()["size on disk"] == ["10 MB", "290 MB", ""]
