"""Makes the files of a release, each with a bill of materials, in DIR/release.

    python3 scripts/release.py python       the sdist, and the wheel from it
    python3 scripts/release.py frozen       an archive of the folder that scripts/freeze.py has made in DIR
    python3 scripts/release.py crate        the Tauri plugin's crate
    python3 scripts/release.py npm          the npm package
    python3 scripts/release.py checksums    SHA256SUMS of all files in DIR/release, at the end

Needs Python 3.11 or newer, and Rust or Node for their packages. Nothing is published. See docs/releasing.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT
from inside import run_inside

PARTS = ("python", "frozen", "crate", "npm", "checksums")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="release.py", description="Make the files of a release.")
    parser.add_argument("part", choices=PARTS, help="the file to make")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="the folder of freeze.py")
    return parser.parse_args(arguments)


def main() -> int:
    """Make the part inside the environment."""
    parse(sys.argv[1:])
    return run_inside("releasing")


if __name__ == "__main__":
    sys.exit(main())
