"""What --version says about how the program was built: a frozen one carries a file that scripts/freeze.py wrote."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).with_name("build.json")


def describe() -> str:
    """The build in a line; "source" for the package as it stands in a checkout."""
    try:
        known = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "source"
    return ", ".join(f"{name} {value}" for name, value in known.items())
