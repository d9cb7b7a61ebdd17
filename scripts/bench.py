"""Measures the sidecar's latency and CPU time beside a plain aiortc sender and a bare encoding loop.

    python3 scripts/bench.py [--rounds 3] [--only PART] [--json FILE]

Needs Python 3.11 and Chromium, and for the figures of WebKitGTK the Tauri app, built by scripts/test.py shell; all
other dependencies are installed into a separate environment first. The output is a table of figures with their
targets; a missed target is no error. The load of other programs changes the figures, so leave the machine idle.

Three parts run only with `--only`: `links`, the picture on thin and lossy links; `outages`, the freeze of the picture
when a cable is pulled or an address changes (both make network namespaces, need Linux and root, and take two and three
minutes a round); `frozen`, start-up time and size of the frozen programs beside a bare and a naive one (programs that
are missing in DIR are frozen first).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT
from inside import run_inside

PARTS = {
    "picture": "benchmark",
    "local": "benchmark",
    "start": "benchmark",
    "offer": "benchmark",
    "links": "benchmark",
    "outages": "outages",
    "frozen": "startup",
}
"""The parts of --only, each with the package of this folder that measures it."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="bench.py", description="Measure the sidecar beside a plain aiortc sender.")
    parser.add_argument("--seconds", type=positive, default=10, help="seconds of each measurement of the picture")
    parser.add_argument("--rounds", type=positive, default=3, help="rounds; each measures every part once")
    parser.add_argument("--only", choices=PARTS, help="one part; without it, the first four")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="folder of the frozen sidecar")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """Convert to an integer of 1 or more; raises ValueError."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main() -> int:
    """Run the benchmarks inside the environment."""
    options = parse(sys.argv[1:])
    return run_inside(PARTS.get(options.only, "benchmark"))


if __name__ == "__main__":
    sys.exit(main())
