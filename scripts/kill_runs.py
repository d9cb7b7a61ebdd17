"""Kills the sidecar's parent while it streams, again and again, and looks at what is left.

    python3 scripts/kill_runs.py [--program PATH] [--runs 200] [--held-pipe] [--victim parent|program] [--seed N]

Needs Python 3.11 or newer and nothing else; everything more is installed into an environment of its own first.
"""

from __future__ import annotations

import argparse
import sys

from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="kill_runs.py", description="Kill the sidecar's parent; see what is left.")
    parser.add_argument("--program", metavar="PATH", help="a frozen sidecar in the place of python -m sidecar")
    parser.add_argument("--runs", type=int, default=20, help="how often")
    parser.add_argument("--held-pipe", action="store_true", help="somebody else keeps the sidecar's pipes open")
    parser.add_argument(
        "--victim",
        choices=["parent", "program"],
        default="parent",
        help="who is killed: the parent, or the process that it started (of one file the unpacker, not the sidecar)",
    )
    parser.add_argument("--device", default="test:pattern", metavar="DEVICE_ID", help="the camera that streams")
    parser.add_argument("--seed", type=int, help="of the moments")
    return parser.parse_args(arguments)


def main() -> int:
    """Run inside the environment."""
    parse(sys.argv[1:])
    return run_inside("killing")


if __name__ == "__main__":
    sys.exit(main())
