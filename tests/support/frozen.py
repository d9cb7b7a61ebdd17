"""The frozen sidecar for tests, built once for each state of its sources."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache

from environment import RUNTIME_LOCK, cache_directory, exclusive
from freezing.build import OWN_LICENCES, Bundle, bundle_of

from tests.support.sidecar_process import ROOT

LIMIT = 900.0  # seconds for one build on a busy machine
STAMP = "built-from"

FREEZE = ["scripts/freeze.py", "--dist"]
"""The command of the documentation for Python, before the folder."""


@cache
def frozen(onefile: bool) -> Bundle:
    """The sidecar as a folder or as one file, of the tree as it stands."""
    dist = cache_directory() / "frozen-tests" / ("onefile" if onefile else "onedir")
    dist.mkdir(parents=True, exist_ok=True)
    with exclusive(dist / "lock", "Waiting for another build"):
        if not (dist / STAMP).is_file() or (dist / STAMP).read_text() != state():
            (dist / STAMP).unlink(missing_ok=True)
            command = [sys.executable, *FREEZE, str(dist), *(["--onefile"] if onefile else [])]
            before = state()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT)
            assert done.returncode == 0, done.stdout + done.stderr
            (dist / STAMP).write_text(before)
    return bundle_of(dist, onefile)


def state() -> str:
    """Return a digest of all files that a build depends on."""
    digest = hashlib.sha256(f"{sys.version}\0{sys.prefix}".encode())
    files = [*(ROOT / "sidecar").rglob("*.py"), *(ROOT / "scripts/freezing").rglob("*"), RUNTIME_LOCK]
    files += [ROOT / name for name in OWN_LICENCES]
    for file in sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
