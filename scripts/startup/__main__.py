"""Measures the programs in rounds and prints the table."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

from bench import parse
from benchmark.load import Measured, machine, measured, write_report
from freezing.build import FreezeFailedError
from progress import MovingLine

from startup.measuring import idle, start
from startup.programs import Program, all_programs
from startup.table import Sample, table


async def measure(programs: Sequence[Program], rounds: int, show: Callable[[str], None]) -> list[Sample]:
    """Start each program once to warm the file cache up, then once in each round."""
    for program in programs:
        show(f"{program.name}, first start")
        await start(program)
    taken: list[Sample] = []
    for number in range(1, rounds + 1):
        for program in programs:
            show(f"round {number} of {rounds}: {program.name}")
            taken += samples(program, number, await measured(partial(start, program)))
    for program in programs:
        if program.is_sidecar:
            show(f"{program.name}, idle")
            taken += samples(program, 0, await measured(partial(idle, program)))
    return taken


def samples(program: Program, number: int, found: Measured[dict[str, float]]) -> list[Sample]:
    """Return the samples of one measurement."""
    load = found.load
    return [
        Sample(program.name, figure, number, value, load.steal, load.others, found.noisy)
        for figure, value in found.value.items()
    ]


def main() -> int:
    """Measure with the command line of bench.py."""
    options = parse(sys.argv[1:])
    try:
        programs = all_programs(options.dist)
        with MovingLine("Measuring") as progress:
            taken = asyncio.run(measure(programs, options.rounds, lambda detail: setattr(progress, "detail", detail)))
    except FreezeFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        sizes = {program.name: program.size for program in programs}
        write_report(options.json, bytes=sizes, samples=[asdict(sample) for sample in taken])
    print(f"\n{machine()}\n{options.rounds} rounds\n\n{table(programs, taken)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
