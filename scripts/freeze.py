"""Freezes the sidecar: a folder (or one file) that runs on a machine without Python.

    python3 scripts/freeze.py                dist/camera-sidecar/camera-sidecar, a folder that starts at once
    python3 scripts/freeze.py --onefile      dist/onefile/camera-sidecar-<target triple>, for Tauri's externalBin
    python3 scripts/freeze.py --report       the contents of the last build, each with its reason

Needs only Python 3.11 or newer; the dependencies are installed into a separate environment first. The result runs on
this version of the operating system and newer ones: freeze on the oldest version that you support.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT
from inside import run_inside


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="freeze.py", description="Freeze the sidecar for machines without Python.")
    parser.add_argument("--onefile", action="store_true", help="make one file, which unpacks itself at each start")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="folder for the result")
    parser.add_argument("--report", action="store_true", help="only show the contents of the folder build in DIR")
    parser.add_argument("--no-check", action="store_true", help="do not start the result")
    return parser.parse_args(arguments)


def main() -> int:
    """Freeze inside the environment."""
    parse(sys.argv[1:])
    return run_inside("freezing")


if __name__ == "__main__":
    sys.exit(main())
