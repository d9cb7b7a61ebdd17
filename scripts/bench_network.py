"""How long a picture stands when the cable between the sidecar and the browser is pulled, or an address changes.

    python3 scripts/bench_network.py [--rounds 1]

Makes networks of its own, and so needs Linux, root and Chromium; everything else is installed into an environment of
its own first. A round takes three minutes. One table comes out.
"""

from __future__ import annotations

import argparse
import sys

from bench import positive
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench_network.py", description="Measure what outages do to the picture.")
    parser.add_argument("--rounds", type=positive, default=1, help="how often everything is measured, in turns")
    return parser.parse_args(arguments)


def main() -> int:
    """Measure inside the environment."""
    parse(sys.argv[1:])
    return run_inside("outages")


if __name__ == "__main__":
    sys.exit(main())
