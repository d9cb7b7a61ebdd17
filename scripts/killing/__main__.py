"""Runs the kills and reports; see scripts/kill_runs.py for the command line."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence
from random import Random

from attack import command_of, seed_of
from kill_runs import parse
from percentiles import nearest_rank
from progress import MovingLine

from killing.runs import ALLOWED_SECONDS, LONGEST_STREAM, Ended, Plan, kill_run


def report(ends: Sequence[Ended]) -> str:
    """Return the distribution of the times and the remaining processes and files, as text."""
    lines = [
        f"{len(ends)} kills, {sum(ended.is_clean for ended in ends)} of them clean",
        f"sidecar gone and camera free (allowed: {ALLOWED_SECONDS:g} s): {spread([ended.seconds for ended in ends])}",
        f"every process and file gone: {spread([ended.all_seconds for ended in ends])}",
    ]
    for ended in ends:
        lines += [f"survived: {process}" for process in ended.survivors]
        lines += [f"left over: {name}" for name in ended.leftovers]
    return "\n".join(lines)


def spread(seconds: Sequence[float | None]) -> str:
    """Return median, 95th percentile and extremes, as text."""
    known = sorted(one for one in seconds if one is not None)
    if not known:
        return "never"
    p95 = nearest_rank(known, 95)
    never = f", {len(seconds) - len(known)} times never" if len(known) < len(seconds) else ""
    return f"{statistics.median(known):.3f} s (median), {p95:.3f} s (p95), {known[0]:.3f} to {known[-1]:.3f} s{never}"


async def kill_often(plan: Plan, runs: int, seed: int, progress: MovingLine | None = None) -> list[Ended]:
    """Do the runs, each with a random moment of the kill."""
    random = Random(seed)
    ends: list[Ended] = []
    for number in range(runs):
        ends.append(await kill_run(plan, random.uniform(0, LONGEST_STREAM)))
        if progress is not None:
            unclean = sum(not ended.is_clean for ended in ends)
            progress.detail = f"{number + 1} of {runs}, {unclean} not clean or late"
    return ends


def main() -> int:
    """Do the runs with the command line of kill_runs.py."""
    options = parse(sys.argv[1:])
    seed = seed_of(options)
    plan = Plan(command_of(options), held_pipe=options.held_pipe, victim=options.victim, device_id=options.device)
    try:
        with MovingLine("Killing") as progress:
            ends = asyncio.run(kill_often(plan, options.runs, seed, progress))
    except KeyboardInterrupt:
        return 130
    print(report(ends))
    return 0 if all(ended.is_clean for ended in ends) else 1


if __name__ == "__main__":
    sys.exit(main())
