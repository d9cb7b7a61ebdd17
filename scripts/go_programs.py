"""Go programs for the tests, built from their locked modules outside of the checkout."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from environment import COMPLETE, EnvironmentFailedError, cache_directory, exclusive
from progress import run_showing_life

BUILD_LIMIT = 600.0  # seconds


def why_no_go(source: Path) -> str | None:
    """Return why Go cannot build the module in a folder, None when it can. Debian 12 has Go 1.19, which is too old."""
    needed = re.search(r"^go (\d+)\.(\d+)", (source / "go.mod").read_text("utf-8"), re.MULTILINE)
    assert needed is not None
    oldest = ".".join(needed.groups())
    go = shutil.which("go")
    if go is None:
        return f"Go {oldest} or newer is not installed: https://go.dev/dl has it"
    answer = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\bgo(\d+)\.(\d+)", answer)
    if version is None or tuple(map(int, version.groups())) < tuple(map(int, needed.groups())):
        return f"Go {oldest} or newer is needed (https://go.dev/dl), this is {answer.strip() or 'broken'}"
    return None


def ensure_go_program(source: Path, name: str, package: str = ".") -> Path:
    """Build a package of the module in `source`, once for each state of its files, and return the program.

    Raises EnvironmentFailedError.
    """
    files = sorted(path for path in source.iterdir() if path.is_file())
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]
    folder = cache_directory() / "go" / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / (f"{name}.exe" if os.name == "nt" else name)
    with exclusive(folder.with_suffix(".lock"), f"Waiting for another program that builds {name}"):
        if not (folder / COMPLETE).is_file():
            command = ["go", "build", "-mod=readonly", "-o", str(program), package]
            done = run_showing_life(f"Building {name} (once)", command, timeout=BUILD_LIMIT, folder=source)
            if done.exit_code != 0:
                raise EnvironmentFailedError(f"{done.output[-3000:]}\ngo build failed. Is the network there?")
            (folder / COMPLETE).touch()
    return program
