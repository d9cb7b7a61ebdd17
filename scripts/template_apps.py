"""Fresh Tauri apps of create-tauri-app, with pinned packages.

    python3 scripts/template_apps.py --lock     write the locks in tests/templates/locks anew, from the newest releases

Needs Node, npm and cargo.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from environment import ROOT, EnvironmentFailedError
from node_packages import SHELL, ensure_node_modules
from progress import run_showing_life

TEMPLATES = ("react-ts", "vue-ts", "svelte-ts", "vanilla")
LOCKS = ROOT / "tests" / "templates" / "locks"
MAKER = LOCKS / "create-tauri-app"
CARGO_LOCK = LOCKS / "Cargo.lock"
APP = "my-app"
"""The name of each app, and of its folder."""

NODE_OF_VITE = (20, 19)
"""The oldest Node that builds the front ends."""

LIMIT = 300.0  # seconds for one command
NPM_LOCK_OPTIONS = ("--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts", "--no-audit")


def make_app(template: str, folder: Path) -> Path:
    """Make an app in `folder`, with its npm packages and its Cargo.lock; return the app's folder.

    Raises EnvironmentFailedError.
    """
    app = bare_app(template, folder)
    lock = LOCKS / template
    if (app / "package.json").read_text("utf-8") != (lock / "package.json").read_text("utf-8"):
        raise EnvironmentFailedError(f"{lock} is of another template: python3 scripts/template_apps.py --lock")
    shutil.copy(lock / "package-lock.json", app)
    shutil.copytree(ensure_node_modules(lock), app / "node_modules", symlinks=True)
    shutil.copy(CARGO_LOCK, app / "src-tauri")
    return app


def bare_app(template: str, folder: Path) -> Path:
    """Make an app without its packages, as create-tauri-app does; return its folder."""
    maker = ensure_node_modules(MAKER) / "create-tauri-app" / "create-tauri-app.js"
    options = ["--template", template, "--manager", "npm", "--identifier", "org.example.my-app", "--yes"]
    run(["node", str(maker), APP, *options], folder)
    return folder / APP


def write_npm_locks(folder: Path) -> None:
    """Write the locks of create-tauri-app and of its apps."""
    run(["npm", "install", *NPM_LOCK_OPTIONS], MAKER)
    for template in TEMPLATES:
        (folder / template).mkdir()
        app = bare_app(template, folder / template)
        run(["npm", "install", *NPM_LOCK_OPTIONS], app)
        (LOCKS / template).mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(app / name, LOCKS / template)


def write_cargo_lock(folder: Path) -> None:
    """Write the lock of the apps' crates. Crates of the shell keep its versions, and are compiled once for both."""
    app = bare_app(TEMPLATES[-1], folder) / "src-tauri"
    shutil.copy(SHELL / "Cargo.lock", app)
    run(["cargo", "add", "--path", str(SHELL / "plugin")], app)
    run(["cargo", "metadata", "--format-version", "1"], app)
    shutil.copy(app / "Cargo.lock", CARGO_LOCK)


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command; raises EnvironmentFailedError with its output."""
    done = run_showing_life(f"{command[0]} {command[1]}", command, timeout=LIMIT, folder=folder)
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\n{' '.join(command)} failed.")


def main() -> None:
    """Write the locks."""
    parser = argparse.ArgumentParser(description="Pin the packages of the template apps.")
    parser.add_argument("--lock", action="store_true", required=True, help="write the locks anew")
    parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="camera-sidecar-templates-") as temporary:
            write_npm_locks(Path(temporary))
            write_cargo_lock(Path(temporary))
    except EnvironmentFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
