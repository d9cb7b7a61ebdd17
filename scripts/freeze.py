"""Freezes the sidecar: a folder (or one file) that runs on a machine without Python.

    python3 scripts/freeze.py                dist/camera-sidecar/camera-sidecar, a folder that starts at once
    python3 scripts/freeze.py --onefile      dist/onefile/camera-sidecar-<target triple>, for Tauri's externalBin
    python3 scripts/freeze.py --report       what is in it and why, from the last build

Needs Python 3.11 or newer and nothing else; everything more is installed into an environment of its own first. The
result runs on systems like this one: freeze on the oldest one that you support.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="freeze.py", description="Freeze the sidecar for machines without Python.")
    parser.add_argument("--onefile", action="store_true", help="one file that unpacks itself at each start")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="where to put the result")
    parser.add_argument("--report", action="store_true", help="only show what is in DIR's folder build, and why")
    parser.add_argument("--no-check", action="store_true", help="do not start the result")
    return parser.parse_args(arguments)


def main() -> int:
    """Freeze inside the environment."""
    parse(sys.argv[1:])
    return run_inside("freezing")


if __name__ == "__main__":
    sys.exit(main())
