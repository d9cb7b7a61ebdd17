"""Breaks a camera again and again, in the camera machine; shows how soon it is back, and what is left of it.

    python3 scripts/camera_rounds.py [--rounds 100]

Each round has every error that the kernel's test driver can inject, its disconnect, its driver unbound and bound, and
the camera back as another device node; through both backends, while somebody looks. The machine is emulated: all takes
several times what it takes outside, a round half a minute or more.

Needs Python 3.11 or newer and nothing else; everything more is installed into an environment of its own first.
"""

from __future__ import annotations

import argparse
import os
import sys

from demo import run
from environment import EnvironmentFailedError, ensure_environment

TEST = "tests/camera_vm/inside/test_recovery.py"


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="camera_rounds.py", description="Break a camera; see that it comes back.")
    parser.add_argument("--rounds", type=int, default=100, help="how often each fault happens (default: 100)")
    parser.add_argument("--backend", choices=["pyav", "opencv"], help="only this one")
    return parser.parse_args(arguments)


def main() -> int:
    """Run the test that has the rounds in the environment, and show what it prints."""
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
