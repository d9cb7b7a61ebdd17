"""The npm packages of the frontend's checks and of the tests, installed from their locks outside the checkout."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from environment import COMPLETE, ROOT, EnvironmentFailedError, cache_directory, exclusive
from progress import run_showing_life

SHELL = ROOT / "tauri-shell"
TESTS = ROOT / "tests" / "node"
FILES = ("package.json", "package-lock.json", ".npmrc")
OLDEST_NODE = (20, 0)
INSTALL_LIMIT = 600.0  # seconds


def why_no_node(oldest: tuple[int, int] = OLDEST_NODE) -> str | None:
    """Return why Node cannot be used, None when it can."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "Node is not installed"
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)\.", answer)
    if version is None or (int(version[1]), int(version[2])) < oldest:
        return f"Node {'.'.join(map(str, oldest))} or newer is needed, this is {answer.strip() or 'broken'}"
    return None


def ensure_node_modules(project: Path = SHELL) -> Path:
    """Install the packages of a project's lock once, outside the checkout, and return the node_modules folder.

    Raises EnvironmentFailedError.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise EnvironmentFailedError("npm is not installed.")
    contents = {name: (project / name).read_bytes() for name in FILES if (project / name).exists()}
    digest = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:12]
    folder = cache_directory() / "node" / digest
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock"), "Waiting for another program that installs the npm packages"):
        if not (folder / COMPLETE).is_file():
            for name, content in contents.items():
                (folder / name).write_bytes(content)
            install(npm, folder)
            (folder / COMPLETE).touch()
    return folder / "node_modules"


def install(npm: str, folder: Path) -> None:
    """Run `npm ci`, which removes the remains of an interrupted run; raises EnvironmentFailedError."""
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = run_showing_life("Installing the npm packages (once)", command, timeout=INSTALL_LIMIT, folder=folder)
    if done.exit_code != 0:
        raise EnvironmentFailedError(f"{done.output[-3000:]}\nnpm ci failed. Is the network there?")
