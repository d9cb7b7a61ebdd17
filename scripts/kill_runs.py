"""Kills the sidecar's parent while the sidecar streams, many times; counts the processes and files that remain.

    python3 scripts/kill_runs.py [--program PATH] [--runs 200] [--held-pipe] [--victim parent|program] [--seed N]

Needs only Python 3.11 or newer; the dependencies are installed into a separate environment first.
"""

from __future__ import annotations

import argparse
import sys

from attack import add_options
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="kill_runs.py", description="Kill the sidecar's parent; check that no process or file remains."
    )
    add_options(parser, seed_help="seed of the moments")
    parser.add_argument("--runs", type=int, default=20, help="number of kills")
    parser.add_argument("--held-pipe", action="store_true", help="another process keeps the sidecar's pipes open")
    parser.add_argument(
        "--victim",
        choices=["parent", "program"],
        default="parent",
        help="the process to kill: the parent, or the process that it started (of a one-file program, the unpacker)",
    )
    parser.add_argument("--device", default="test:pattern", metavar="DEVICE_ID", help="the camera that streams")
    return parser.parse_args(arguments)


def main() -> int:
    """Run inside the environment."""
    parse(sys.argv[1:])
    return run_inside("killing")


if __name__ == "__main__":
    sys.exit(main())
