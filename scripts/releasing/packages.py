"""The crate of the Tauri plugin and the npm package, made by the tools of their registries."""

from __future__ import annotations

import shutil
from pathlib import Path

from node_packages import ensure_node_modules
from player_package import pack
from shell_app import CRATE, MANIFEST, target_directory

from releasing.failure import run
from sidecar import __version__


def pack_crate(folder: Path, *options: str) -> Path:
    """Pack the crate, compile it from the packed sources, and return the .crate file in an existing folder.

    `options` are options of `cargo package`. Raises ReleaseFailedError, also when files of the crate are not committed.
    """
    command = ["cargo", "package", "--locked", "--package", CRATE, *options]
    command += ["--manifest-path", str(MANIFEST), "--target-dir", str(target_directory())]
    run("Packing the crate", command, MANIFEST.parent)
    packed = target_directory() / "package" / f"{CRATE}-{__version__}.crate"
    return Path(shutil.copy(packed, folder))


def pack_npm_package(folder: Path) -> Path:
    """Build and pack the npm package into an existing folder, and return the .tgz file.

    Raises EnvironmentFailedError.
    """
    return pack(folder.resolve(), ensure_node_modules())
