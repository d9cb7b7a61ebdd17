"""The build, for --version. A frozen program has a file with it, which scripts/freeze.py has written."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).with_name("build.json")


def describe(file: Path = FILE) -> str:
    """Return the build in one line; "source" for a program that is not frozen."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "source"
    return ", ".join(f"{name} {value}" for name, value in known.items())
