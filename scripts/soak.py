"""Opens and closes thousands of connections, then injects random faults; checks the sidecar for leaks and errors.

    python3 scripts/soak.py [--cycles 2400] [--minutes 30] [--seed N] [--program PATH] [--log PATH]

Needs only Python 3.11 or newer; the dependencies are installed into a separate environment first.
"""

from __future__ import annotations

import argparse
import sys

from attack import add_options
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="soak.py", description="Check the sidecar for leaks under load and faults.")
    parser.add_argument("--cycles", type=int, default=2400, help="connections to open and close, of all kinds; 0: none")
    parser.add_argument("--minutes", type=float, default=30, help="duration of the random faults; 0: none")
    add_options(parser, seed_help="seed of the kinds, the faults and their moments")
    parser.add_argument("--log", metavar="PATH", help="write the sidecar's log and the injected faults to PATH")
    return parser.parse_args(arguments)


def main() -> int:
    """Soak inside the environment."""
    parse(sys.argv[1:])
    return run_inside("soaking")


if __name__ == "__main__":
    sys.exit(main())
