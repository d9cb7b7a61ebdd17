"""The crate of the Tauri plugin and the npm package, made by the tools of their registries."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from node_packages import ensure_node_modules
from player_package import pack
from shell_app import CRATE, MANIFEST

from releasing.failure import run
from sidecar import __version__


def pack_crate(folder: Path, *options: str) -> Path:
    """Pack the crate, compile it from the packed sources, and return the .crate file in an existing folder.

    `options` are options of `cargo package`. Raises ReleaseFailedError, also for files of the crate without a commit.
    """
    command = ["cargo", "package", "--locked", "--package", CRATE, "--manifest-path", str(MANIFEST), *options]
    # A folder of its own: in a shared one another build could replace the crate.
    with tempfile.TemporaryDirectory(prefix="camera-sidecar-crate-") as target:
        run("Packing the crate", [*command, "--target-dir", target], MANIFEST.parent)
        return Path(shutil.copy(Path(target) / "package" / f"{CRATE}-{__version__}.crate", folder))


def pack_npm_package(folder: Path) -> Path:
    """Build and pack the npm package into an existing folder, and return the .tgz file.

    Raises EnvironmentFailedError.
    """
    return pack(folder.resolve(), ensure_node_modules())
