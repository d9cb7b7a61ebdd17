"""Injects camera faults repeatedly in the camera machine; shows the times to recovery and any leaked resources.

    python3 scripts/camera_rounds.py [--rounds 100]

Each round has every error that the kernel's test driver can inject, its disconnect, its driver unbound and bound, and
the camera's return as another device node, with both backends and a viewer. The machine is emulated, which makes each
step several times slower: a round takes half a minute or more.

Needs only Python 3.11 or newer; the dependencies are installed into a separate environment first.
"""

from __future__ import annotations

import argparse
import os
import sys

from demo import run
from environment import EnvironmentFailedError, ensure_environment

TEST = "tests/camera_vm/inside/test_recovery.py"


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="camera_rounds.py", description="Break a camera; see that it comes back.")
    parser.add_argument("--rounds", type=int, default=100, help="rounds of every fault (default: 100)")
    parser.add_argument("--backend", choices=["pyav", "opencv"], help="use only this backend")
    return parser.parse_args(arguments)


def main() -> int:
    """Run the test of the rounds inside the environment, with its output shown."""
    options = parse(sys.argv[1:])
    try:
        python = ensure_environment(dev=True)
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    os.environ["CAMERA_ROUNDS"] = str(options.rounds)
    chosen = f"same_session and {options.backend}" if options.backend else "same_session"
    return run([str(python), "-m", "pytest", "-p", "no:cacheprovider", "-rP", TEST, "-k", chosen])


if __name__ == "__main__":
    sys.exit(main())
