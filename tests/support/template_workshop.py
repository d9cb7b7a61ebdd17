"""The folder in which the documentation's steps are followed: the packed parts, and one fresh app at a time.

It stands in the cache, at the same path in each run, so that cargo compiles again only what has changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from shell_app import BUILD_LIMIT, target_directory
from template_apps import APP, make_app

from tests.support.frozen import FREEZE, frozen
from tests.support.template_parts import pack_parts
from tests.support.template_steps import ADD_CRATE, ADD_PACKAGE, FREEZE_INTO, edit_app

SHELL_PROFILE = """\
# The profile of tauri-shell/Cargo.toml, with which the crates are compiled once for both.
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"""


class Workshop:
    """The folder `camera-sidecar`, with the packed parts in `dist`, and the app beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._release = folder / "camera-sidecar"
        dist = self._release / "dist"
        dist.mkdir(parents=True, exist_ok=True)
        pack_parts(dist)
        (folder / ".cargo").mkdir(exist_ok=True)
        (folder / ".cargo" / "config.toml").write_text(SHELL_PROFILE, "utf-8")

    def make(self, template: str) -> Path:
        """Make a fresh app, follow the steps that are the same for all pages, and return the app's folder."""
        shutil.rmtree(self._folder / APP, ignore_errors=True)
        app = make_app(template, self._folder)
        self._freeze()
        for command in (ADD_CRATE, ADD_PACKAGE):
            self.follow(command)
        edit_app(app)
        return app

    def follow(self, command: str) -> None:
        """Run a command of the documentation."""
        run(command.split(), self._release)

    def _freeze(self) -> None:
        """Put the result of the first command where that command puts it: it is the same for all apps."""
        *command, dist = FREEZE_INTO.split()
        assert command == ["python3", *FREEZE]
        folder = frozen(onefile=False).program.parent
        shutil.copytree(folder, self._release / dist / folder.name)


def build(app: Path, environment: Mapping[str, str] | None = None) -> Path:
    """Build an app as its developer does, but for debugging and without an installer; return the program."""
    command = ["npm", "run", "tauri", "build", "--", "--debug", "--no-bundle", "--", "--locked"]
    run(command, app, {"CARGO_TARGET_DIR": str(target_directory()), "CI": "true", **(environment or {})})
    return target_directory() / "debug" / APP


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a command; its output is shown when it fails."""
    everything = {**os.environ, **(environment or {})}
    done = subprocess.run(
        command, cwd=folder, env=everything, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
