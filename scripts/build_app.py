"""Builds the demo app for this system: a Debian package, a disk image for macOS, or an installer for Windows.

    python3 scripts/freeze.py       first: the app ships dist/camera-sidecar
    python3 scripts/build_app.py    the package, in dist/release
    python3 scripts/build_app.py --debug    without optimisation, which takes less time

Needs Python 3.11 or newer, Rust and Node, on Linux also the packages that `scripts/debian.py --app` installs. The app
is not signed.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from environment import ROOT, EnvironmentFailedError
from node_packages import ensure_node_modules
from shell_app import build_bundle

FOLDER = ROOT / "dist" / "release"


def main() -> int:
    """Build the package and return the exit code."""
    parser = argparse.ArgumentParser(description="Build the demo app for this system.")
    parser.add_argument("--debug", action="store_true", help="build without optimisation")
    options = parser.parse_args()
    try:
        package = build_bundle(ensure_node_modules(), *(["--debug"] if options.debug else []))
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(shutil.copy(package, FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())
