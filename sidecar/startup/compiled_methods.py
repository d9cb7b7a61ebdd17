"""The methods of dataclasses as they were compiled when the program was frozen: that takes an eighth of a start.

dataclasses writes the source of every method that it makes, and hands each to exec.
"""

from __future__ import annotations

import dataclasses
import marshal
from pathlib import Path
from types import CodeType

FILE = Path(__file__).with_name("compiled_methods.marshal")
"""Made by scripts/freezing/compiled_methods.py, by the Python that is in the bundle with it."""


def use() -> None:
    """Let dataclasses take them from now on; nothing in a program that is not frozen."""
    try:
        compiled: dict[str, CodeType] = marshal.loads(FILE.read_bytes())  # noqa: S302 - a part of this program
    except FileNotFoundError:
        return

    def execute(source: str, *namespaces: dict[str, object]) -> None:
        exec(compiled.get(source, source), *namespaces)  # noqa: S102 - as dataclasses does

    vars(dataclasses)["exec"] = execute
