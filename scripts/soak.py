"""Opens and closes connections by the thousand, then lets random faults loose on the sidecar, and looks at what stays.

    python3 scripts/soak.py [--cycles 2000] [--minutes 30] [--seed N] [--program PATH] [--log PATH]

Needs Python 3.11 or newer and nothing else; everything more is installed into an environment of its own first.
"""

from __future__ import annotations

import argparse
import sys

from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="soak.py", description="See that the sidecar stays small, whatever happens.")
    parser.add_argument("--cycles", type=int, default=2000, help="connections opened and closed, of all kinds; 0: none")
    parser.add_argument("--minutes", type=float, default=30, help="how long the random faults go on; 0: none")
    parser.add_argument("--seed", type=int, help="of the kinds, the faults and their moments")
    parser.add_argument("--program", metavar="PATH", help="a frozen sidecar in the place of python -m sidecar")
    parser.add_argument("--log", metavar="PATH", help="keep there what the sidecar logs and what is done to it")
    return parser.parse_args(arguments)


def main() -> int:
    """Soak inside the environment."""
    parse(sys.argv[1:])
    return run_inside("soaking")


if __name__ == "__main__":
    sys.exit(main())
