"""Runs the fuzz and reports; see scripts/fuzz.py for the command line."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from attack import command_of, seed_of
from fuzz import parse
from progress import MovingLine

from fuzzing.growing import SOURCES, growing_inputs
from fuzzing.growth import growth
from fuzzing.lines import Lines
from fuzzing.session import ANSWER_SECONDS, FuzzedSidecar, FuzzError

CHUNK = 200
"""Lines sent at once: fewer than the sidecar's limit of concurrent requests, batches not counted."""

SAMPLES = 20
"""Memory samples over the run; the first tenth of them is warm-up."""

MOST_GROWTH = 1.05
LAST_BYTES = "fuzz-failed.bin"


@dataclass
class Report:
    """The result of a run: answers, error codes, and memory samples in bytes."""

    lines: int
    seconds: float = 0.0
    answers: int = 0
    errors: dict[int, int] = field(default_factory=dict)
    resident: list[int] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The ratio of the memory in the last tenth of the samples to the memory just after the warm-up."""
        tenth = max(1, len(self.resident) // 10)
        warm = self.resident[tenth:] or self.resident
        return statistics.median(warm[-tenth:]) / statistics.median(warm[:tenth])

    def __str__(self) -> str:
        megabytes = " ".join(f"{size / 2**20:.0f}" for size in self.resident)
        codes = ", ".join(f"{code} {count}" for code, count in sorted(self.errors.items()))
        return (
            f"{self.lines} lines in {self.seconds:.0f} s ({self.lines / self.seconds:.0f} a second), "
            f"{self.answers} answers, each expected and once; 0 crashes\n"
            f"errors by code: {codes}\nmemory in MiB: {megabytes} (grew {self.growth:.3f} times after the warm-up)"
        )


def fuzz(
    argv: list[str],
    lines: int,
    seed: int,
    progress: MovingLine | None = None,
    *,
    answer_seconds: float = ANSWER_SECONDS,
) -> Report:
    """Send `lines` lines. Raises FuzzError; the last bytes sent are then in the file LAST_BYTES."""
    source, report = Lines(Random(seed)), Report(lines)
    started = time.monotonic()
    with FuzzedSidecar(argv, answer_seconds) as sidecar:
        sidecar.call("ping")
        sent, next_sample = 0, lines // SAMPLES
        while sent < lines:
            data = b"".join([*source.closing(), *(source.next() for _ in range(CHUNK))])
            try:
                _take(sidecar, data, source, report)
                sent += CHUNK
                if sent >= next_sample:  # a superfluous answer to the last lines may arrive as late as this
                    report.resident.append(_memory_at_rest(sidecar, source, report))
                    next_sample += lines // SAMPLES
            except FuzzError as error:
                Path(LAST_BYTES).write_bytes(data)
                raise FuzzError(f"{error}\n(the lines are in {LAST_BYTES})\n{sidecar.log()}") from None
            if progress is not None:
                progress.detail = f"{sent} of {lines} lines, {sent / (time.monotonic() - started):.0f} a second"
        sidecar.finish()
    report.seconds = time.monotonic() - started
    return report


def fuzz_growth(argv: list[str], progress: MovingLine | None = None) -> float:
    """Send every growing input; return the largest ratio of two successive times. Raises FuzzError."""
    worst = 0.0
    sources = [option for source in SOURCES for option in ("--allow-source", source)]
    with FuzzedSidecar([*argv, *sources]) as sidecar:
        sidecar.call("ping")
        for growing in growing_inputs():
            if progress is not None:
                progress.detail = growing.name
            worst = max(worst, growth(sidecar, growing))
        sidecar.finish()
    return worst


def _take(sidecar: FuzzedSidecar, data: bytes, source: Lines, report: Report) -> None:
    for answer in sidecar.exchange(data):
        report.answers += 1
        code = answer.get("error", {}).get("code", 0)
        report.errors[code] = report.errors.get(code, 0) + 1
        result = answer.get("result")
        connection_id = result.get("connection_id") if isinstance(result, dict) else None
        if connection_id and "already_closed" not in result and connection_id not in source.connections:
            source.connections.append(connection_id)
    source.sessions.extend(sidecar.sessions)
    sidecar.sessions.clear()


def _memory_at_rest(sidecar: FuzzedSidecar, source: Lines, report: Report) -> int:
    """Close all known connections and sessions and all that get_stats lists; return the resident memory in bytes."""
    source.connections.extend(one["connection_id"] for one in sidecar.call("get_stats")["connections"])
    _take(sidecar, b"".join(source.closing(keep=0)), source, report)
    return sidecar.resident_bytes()


def main() -> int:
    """Run the fuzz with the command line of fuzz.py."""
    options = parse(sys.argv[1:])
    seed, argv = seed_of(options), command_of(options)
    try:
        with MovingLine("Fuzzing") as progress:
            worst = fuzz_growth(argv, progress)
            report = fuzz(argv, options.lines, seed, progress)
    except FuzzError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(report)
    print(f"an input 8 times as long took {worst:.1f} times as long at worst")
    if report.growth > MOST_GROWTH:
        print(f"The memory grew more than {MOST_GROWTH} times.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
