"""How fast and how costly the sidecar is, side by side with a plain aiortc sender and a bare encoding loop.

    python3 scripts/bench.py [--rounds 3] [--only PART] [--json FILE]

Needs Python 3.11 and Chromium, and for what is measured in WebKitGTK the Tauri app, built by scripts/test.py shell;
everything else is installed into an environment of its own first. One table comes out, with the targets beside the
figures; a target that is missed is no error. Other programs' work shows in the figures, so let the machine rest.

Three parts are measured only when they are asked for: `--only links`, how the picture fares on thin and lossy links;
`--only outages`, how long it stands when a cable is pulled or an address changes (both make networks of their own, and
so need Linux and root, and take two and three minutes a round); `--only frozen`, how the frozen programs start beside a
bare one and a naive one, and how large they are (what is not there yet is frozen first, into DIR).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from environment import ROOT
from inside import run_inside

PARTS = {
    "picture": "benchmark",
    "local": "benchmark",
    "start": "benchmark",
    "offer": "benchmark",
    "links": "benchmark",
    "outages": "outages",
    "frozen": "startup",
}
"""What can be measured alone, and the package of this folder that does."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.py", description="Measure the sidecar beside a plain aiortc sender.")
    parser.add_argument("--seconds", type=positive, default=10, help="how long the picture is measured each time")
    parser.add_argument("--rounds", type=positive, default=3, help="how often everything is measured, in turns")
    parser.add_argument("--only", choices=PARTS, help="one part; if left out, the first four")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure there")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="where the sidecar is frozen")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """A whole number above 0."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main() -> int:
    """Run the benchmarks inside the environment."""
    options = parse(sys.argv[1:])
    return run_inside(PARTS.get(options.only, "benchmark"))


if __name__ == "__main__":
    sys.exit(main())
