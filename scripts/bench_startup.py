"""How fast the frozen sidecar starts and how large it is, beside a bare frozen program and a naive freeze.

    python3 scripts/bench_startup.py [--rounds 5] [--json FILE] [--dist DIR]

Freezes what is not there yet: the sidecar as a folder and as one file (scripts/freeze.py, into DIR), a program that
only prints a line, and one that imports everything first. All of them run in turns; times are given as multiples of the
bare program's in the same round. Needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import positive
from environment import ROOT
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench_startup.py", description="Measure how the frozen sidecar starts.")
    parser.add_argument("--rounds", type=positive, default=5, help="how often everything is measured, in turns")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure there")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="where the sidecar is frozen")
    return parser.parse_args(arguments)


def main() -> int:
    """Measure inside the environment."""
    parse(sys.argv[1:])
    return run_inside("startup")


if __name__ == "__main__":
    sys.exit(main())
