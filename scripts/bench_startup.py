"""How fast the frozen sidecar starts and how large it is, beside a bare frozen program and a naive freeze.

    python3 scripts/bench_startup.py [--rounds 5] [--json FILE] [--dist DIR]

Freezes what is not there yet: the sidecar as a folder and as one file (scripts/freeze.py, into DIR), a program that
only prints a line, and one that imports everything first. All of them run in turns; times are given as multiples of the
bare program's in the same round. Needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench import positive
from demo import run
from environment import ROOT, EnvironmentFailedError, ensure_environment


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
    try:
        python = ensure_environment(dev=True)
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    return run([str(python), "-m", "startup", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
