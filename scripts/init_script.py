"""Writes the plugin's copy of the player's media devices; with --check it only says whether the copy is current.

The plugin runs it in each page before the page's own scripts. Run this program after every change of
tauri-shell/player/src. The packages that it needs are installed outside the checkout.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from environment import EnvironmentFailedError
from node_packages import SHELL, ensure_node_modules

ENTRY = SHELL / "player" / "src" / "media-devices" / "index.js"
COPY = SHELL / "plugin" / "src" / "media-devices.iife.js"
BUNDLE_LIMIT = 60.0  # seconds
OPTIONS = ("--bundle", "--minify", "--format=iife", "--global-name=cameraSidecar", "--target=es2022")
HEADER = "// Made from tauri-shell/player/src by scripts/init_script.py: do not edit.\n"


def bundle(node_modules: Path) -> str:
    """Return the script, whose exports are members of `cameraSidecar`; raises EnvironmentFailedError."""
    command = ["node", str(node_modules / "esbuild" / "bin" / "esbuild"), str(ENTRY), *OPTIONS, "--log-level=warning"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=BUNDLE_LIMIT)
    if done.returncode != 0:
        raise EnvironmentFailedError(f"{done.stderr[-3000:]}\nesbuild failed.")
    return HEADER + done.stdout


def is_current(text: str) -> bool:
    """Return whether the plugin's copy is this text."""
    return COPY.exists() and COPY.read_text("utf-8") == text


def main(arguments: list[str] | None = None) -> int:
    """Write or check the copy; return 1 if it is stale or cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write no file; fail when the copy is stale")
    options = parser.parse_args(arguments)
    try:
        text = bundle(ensure_node_modules())
    except EnvironmentFailedError as error:
        print(error, file=sys.stderr)
        return 1
    if is_current(text):
        return 0
    print(f"stale: {COPY.relative_to(SHELL.parent).as_posix()}")
    if not options.check:
        COPY.write_text(text, encoding="utf-8", newline="\n")
    return 1 if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
