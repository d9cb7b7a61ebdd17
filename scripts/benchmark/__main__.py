"""Runs the benchmarks in turns and prints the table."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import nullcontext
from dataclasses import asdict

from bench import parse
from progress import MovingLine

from benchmark import benchmarks
from benchmark.figures import Sample, table
from benchmark.links import NoNetworkError, links
from benchmark.load import machine, write_report
from benchmark.local import why_no_webkitgtk
from benchmark.receiver import NoBrowserError, Receiver, open_receiver


async def run(options: argparse.Namespace) -> list[Sample]:
    """Take the chosen measurements in rounds, so that a slow minute of the machine affects all of them alike."""
    taken: list[Sample] = []
    with MovingLine("Measuring") as progress:
        async with nullcontext() if options.only == "links" else open_receiver() as receiver:
            for number in range(1, options.rounds + 1):

                def show(what: str, number: int = number) -> None:
                    progress.detail = f"round {number} of {options.rounds}: {what}"

                taken += await (links(show) if receiver is None else one_round(options, receiver, show))
    return taken


async def one_round(options: argparse.Namespace, receiver: Receiver, show: benchmarks.Show) -> list[Sample]:
    """Run every benchmark once, or the one of --only."""
    taken: list[Sample] = []
    if options.only in (None, "picture"):
        taken += await benchmarks.picture(receiver, options.seconds, show)
    if options.only in (None, "local"):
        taken += await benchmarks.local(receiver, options.seconds, show)
    if options.only in (None, "start"):
        taken += await benchmarks.start(receiver, show)
    if options.only in (None, "offer"):
        taken += await benchmarks.offer(show)
    return taken


def settings(options: argparse.Namespace) -> str:
    """Describe the measurement in one line."""
    rounds = f"{options.rounds} round" + "s" * (options.rounds > 1)
    if options.only == "links":
        return f"1280x720 at 30 fps, the bitrate chosen by the sender, {rounds}"
    return f"1280x720 at 30 fps, 2.5 Mbit/s, {rounds}, each picture measured for {options.seconds} s"


def main() -> int:
    """Run the benchmarks with the command line of bench.py."""
    options = parse(sys.argv[1:])
    reason = why_no_webkitgtk()
    if reason and options.only in (None, "local"):
        print(f"WebKitGTK is left out: {reason}", file=sys.stderr)
    try:
        taken = asyncio.run(run(options))
    except (NoBrowserError, NoNetworkError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        write_report(options.json, samples=[asdict(sample) for sample in taken])
    print(f"\n{machine()}\n{settings(options)}\n\n{table(taken)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
