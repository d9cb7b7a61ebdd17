"""Packs the npm package of the player, with the packages of its build installed outside the checkout.

`npm pack` in tauri-shell/player does the same after `npm ci` in tauri-shell.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from environment import EnvironmentFailedError, cache_directory, exclusive
from node_packages import SHELL
from progress import run_showing_life

PLAYER = SHELL / "player"
PACK_LIMIT = 300.0  # seconds


def pack(folder: Path, node_modules: Path) -> Path:
    """Build the package and write it into an existing folder; return its path.

    `node_modules` holds the packages of tauri-shell. Raises EnvironmentFailedError.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise EnvironmentFailedError("npm is not installed.")
    environment = os.environ | {"PATH": os.pathsep.join([str(node_modules / ".bin"), os.environ["PATH"]])}
    command = [npm, "pack", "--pack-destination", str(folder), "--loglevel=error"]
    # The build writes into the checkout, so two builds must not run at once.
    with exclusive(cache_directory() / "player.lock", "Waiting for another program that packs the player"):
        done = run_showing_life(
            "Packing the player", command, timeout=PACK_LIMIT, folder=PLAYER, environment=environment
        )
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\nnpm pack failed.")
    return folder / done.output.split()[-1]
