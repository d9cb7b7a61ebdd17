"""Runs the soak and reports; see scripts/soak.py for the command line."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from random import Random

from attack import command_of, seed_of
from progress import MovingLine
from soak import parse

from sidecar.client import SidecarGoneError
from soaking.cycles import LONG_RUN, cycle
from soaking.moved_camera import MovedCamera
from soaking.rounds import Rounds
from soaking.samples import MOST_GROWTH, MOST_GROWTH_OF_A_SHORT_RUN, Sample, complaints, growth, table
from soaking.source import VideoFile
from soaking.subject import SoakError, soaked
from tests.support.loopback import gather_on_loopback

LONG_MINUTES = 30.0
"""Minutes of faults after which the memory is judged."""


async def run_cycles(argv: list[str], count: int, seed: int, progress: MovingLine) -> list[str]:
    """Run the cycles, print the samples and return the failures."""

    def tell(text: str) -> None:
        progress.detail = text

    async with soaked(argv) as subject:
        report = await cycle(subject, count, Random(seed), tell)
    print_samples(report.samples)
    print_counts(report.done)
    most_growth = MOST_GROWTH if count >= LONG_RUN else MOST_GROWTH_OF_A_SHORT_RUN
    return [*report.wrong, *complaints(report.samples, most_growth), *subject.complaints]


async def run_faults(argv: list[str], minutes: float, seed: int, progress: MovingLine) -> list[str]:
    """Inject the faults, print the samples and return the failures."""

    def tell(text: str) -> None:
        progress.detail = text

    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        video = VideoFile(folder)
        async with MovedCamera.listening() as moved:
            allowed = ("--allow-source", video.pattern, "--allow-source", moved.pattern)
            async with soaked([*argv, *allowed]) as subject:
                rounds = Rounds(subject, video, moved, Random(seed), tell)
                await rounds.go(minutes * 60)
    print_samples(rounds.samples)
    print_counts(rounds.faults.done)
    print_counts(rounds.signalling.done)
    print(f"the slowest ping took {rounds.slowest_ping:.2f} s")
    most_growth = MOST_GROWTH if minutes >= LONG_MINUTES else MOST_GROWTH_OF_A_SHORT_RUN
    return [*rounds.wrong, *complaints(rounds.samples, most_growth), *subject.complaints]


def keep_log(path: str) -> None:
    """Write the sidecar's log and the injected faults to a file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    for name in ("sidecar.client", "soaking"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(handler)


def print_samples(samples: Sequence[Sample]) -> None:
    """Print the samples of the process at rest."""
    print(f"{table(samples)}\nthe private memory grew {growth(samples):.3f} times after the warm-up")


def print_counts(kinds: Counter[str]) -> None:
    """Print the number of cycles or faults of each kind."""
    print(", ".join(f"{name} {count}" for name, count in kinds.most_common()))


def main() -> int:
    """Soak with the command line of soak.py."""
    options = parse(sys.argv[1:])
    seed, argv = seed_of(options), command_of(options)
    gather_on_loopback()
    if options.log:
        keep_log(options.log)
    wrong: list[str] = []
    try:
        if options.cycles:
            with MovingLine("Opening and closing") as progress:
                wrong += asyncio.run(run_cycles(argv, options.cycles, seed, progress))
        if options.minutes:
            with MovingLine("Soaking") as progress:
                wrong += asyncio.run(run_faults(argv, options.minutes, seed, progress))
    except (SoakError, SidecarGoneError) as error:
        wrong.append(str(error))
    except KeyboardInterrupt:
        return 130
    for line in wrong:
        print(f"FAILED: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
