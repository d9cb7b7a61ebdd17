"""Sends malformed and hostile lines to the sidecar; checks its answers, its survival and its memory.

    python3 scripts/fuzz.py [--lines 1000000] [--seed N] [--program PATH]

Needs only Python 3.11 or newer; the dependencies are installed into a separate environment first.
"""

from __future__ import annotations

import argparse
import sys

from attack import add_options
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="fuzz.py", description="Send malformed and hostile lines to the sidecar.")
    parser.add_argument("--lines", type=int, default=100_000, help="number of lines, at least 1000")
    add_options(parser, seed_help="seed of the lines; every run prints its seed")
    parsed = parser.parse_args(arguments)
    if parsed.lines < 1000:
        parser.error("--lines must be at least 1000")
    return parsed


def main() -> int:
    """Fuzz inside the environment."""
    parse(sys.argv[1:])
    return run_inside("fuzzing")


if __name__ == "__main__":
    sys.exit(main())
