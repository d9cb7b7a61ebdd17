"""How fast and how costly the sidecar is, side by side with a plain aiortc sender and a bare encoding loop.

    python3 scripts/bench.py [--seconds 10] [--rounds 3] [--only picture|local|start|offer|links] [--json FILE]

Needs Python 3.11 and Chromium, and for what is measured in WebKitGTK the Tauri app, built by scripts/test.py shell;
everything else is installed into an environment of its own first. One table comes out, with the targets beside the
figures; a target that is missed is no error. Other programs' work shows in the figures, so let the machine rest.
`--only links` shows how the picture fares on thin and lossy links; it makes networks of its own, and so needs Linux and
root, and takes two minutes a round.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from inside import run_inside

BENCHMARKS = ("picture", "local", "start", "offer", "links")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.py", description="Measure the sidecar beside a plain aiortc sender.")
    parser.add_argument("--seconds", type=positive, default=10, help="how long the picture is measured each time")
    parser.add_argument("--rounds", type=positive, default=3, help="how often everything is measured, in turns")
    parser.add_argument("--only", choices=BENCHMARKS, help="one part; all but the links if left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure there")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """A whole number above 0."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main() -> int:
    """Run the benchmarks inside the environment."""
    parse(sys.argv[1:])
    return run_inside("benchmark")


if __name__ == "__main__":
    sys.exit(main())
