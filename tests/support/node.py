"""The npm packages of tests/node, and the environment of a program in Node."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

VARIABLE = "CAMERA_SIDECAR_TEST_NODE_MODULES"
NODE_MODULES = {name: os.environ[name] for name in ("PATH", "HOME", VARIABLE) if name in os.environ}
FRONTEND = Path(os.environ.get("CAMERA_SIDECAR_NODE_MODULES", "tauri-shell/node_modules"))


def why_no_node_modules() -> str | None:
    """Why the packages of tests/node cannot be used here; None when they can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    return None if VARIABLE in os.environ else f"{VARIABLE} is not set; scripts/test.py sets it"


def package(name: str) -> Path:
    """The folder of a package of tests/node."""
    return Path(os.environ[VARIABLE]) / name
