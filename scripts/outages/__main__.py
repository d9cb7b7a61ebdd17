"""Measures every outage in turns and prints the table."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench import parse
from benchmark.load import machine, write_report
from progress import MovingLine

from outages.measuring import Figures, Outage, machines, measure
from tests.support.chromium import CHROMIUM
from tests.support.namespaces import why_no_namespaces

OUTAGES = (
    Outage("middle", 1.0),
    Outage("middle", 5.0),
    Outage("sidecar", 5.0),
    Outage("viewer", 5.0),
    Outage("sidecar", 20.0),
    Outage("middle", 20.0),
    Outage(None),
)

HEAD = """\
| outage | noticed after | connected, from its end | picture, from its end | longest freeze | frames lost | generation |
|---|---|---|---|---|---|---|"""


async def run(rounds: int) -> dict[Outage, list[Figures]]:
    """Measure all outages in rounds."""
    taken: dict[Outage, list[Figures]] = {outage: [] for outage in OUTAGES}
    with MovingLine("Measuring") as progress, tempfile.TemporaryDirectory() as folder:
        async with machines(Path(folder)) as (made, browser):
            for number in range(1, rounds + 1):
                for outage in OUTAGES:
                    progress.detail = f"round {number} of {rounds}: {outage.title}"
                    taken[outage].append(await measure(made, browser, outage))
    return taken


def row(outage: Outage, figures: list[Figures]) -> str:
    """Return a row of the table, with medians."""
    seconds = (
        middle([each.noticed for each in figures]),
        middle([each.connected for each in figures]),
        middle([each.picture for each in figures]),
        middle([each.longest_freeze for each in figures]),
    )
    lost, generation = median(each.frames_lost for each in figures), max(each.generation for each in figures)
    return f"| {outage.title} | {' | '.join(seconds)} | {lost:g} | {generation} |"


def middle(values: Sequence[float | None]) -> str:
    """Return the median in seconds, or a dash without values."""
    known = [value for value in values if value is not None]
    return f"{median(known):.2f} s" if known else "–"


def main() -> int:
    """Measure with the command line of bench.py."""
    options = parse(sys.argv[1:])
    reason = why_no_namespaces() or (None if CHROMIUM.exists() else "needs Debian's package chromium")
    if reason is not None:
        print(f"Outages cannot be measured on this machine: {reason}.", file=sys.stderr)
        return 1
    taken = asyncio.run(run(options.rounds))
    if options.json:
        rounds = {outage.title: [asdict(each) for each in figures] for outage, figures in taken.items()}
        write_report(options.json, outages=rounds)
    print(f"\n{machine()}\n1280x720 at 30 fps, medians of {options.rounds}\n\n{HEAD}")
    for outage, figures in taken.items():
        print(row(outage, figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
