"""Feeds the sidecar lines that no client should send, and sees that it lives, answers and stays small.

    python3 scripts/fuzz.py [--lines 1000000] [--seed N] [--program PATH]

Needs Python 3.11 or newer and nothing else; everything more is installed into an environment of its own first.
"""

from __future__ import annotations

import argparse
import sys

from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="fuzz.py", description="Feed the sidecar malformed and hostile lines.")
    parser.add_argument("--lines", type=int, default=100_000, help="how many, at least 1000")
    parser.add_argument("--seed", type=int, help="of the lines; one that failed is printed")
    parser.add_argument("--program", metavar="PATH", help="a frozen sidecar in the place of python -m sidecar")
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
