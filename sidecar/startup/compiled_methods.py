"""The methods of dataclasses as they were compiled when the program was frozen.

dataclasses writes the source of each method that it makes and executes it. Compiling that takes an eighth of the time
to the first offer.
"""

from __future__ import annotations

import dataclasses
import marshal
from pathlib import Path
from types import CodeType

from sidecar.startup.replacing import DoesNotFitError

FILE = Path(__file__).with_name("compiled_methods.marshal")
"""The code of each method by its source, written by scripts/freezing/compiled_methods.py with the bundle's Python."""


def use(file: Path = FILE) -> None:
    """Let dataclasses take the compiled methods from now on. Raises OSError, ValueError, DoesNotFitError."""
    compiled = marshal.loads(file.read_bytes())  # noqa: S302 - a part of this program
    if not isinstance(compiled, dict) or not all(isinstance(code, CodeType) for code in compiled.values()):
        raise DoesNotFitError(f"{file.name} has no compiled methods")

    executor = Executor(compiled)
    vars(dataclasses)["exec"] = executor


def check() -> None:
    """Raise DoesNotFitError when dataclasses does not execute its sources by the global name `exec`."""
    executor: Executor = vars(dataclasses)["exec"]
    executed = executor.executed
    dataclasses.make_dataclass("Probe", ["field"], repr=False, eq=False)
    if executor.executed == executed:
        raise DoesNotFitError("dataclasses makes methods in another way")


class Executor:
    """The built-in `exec` for sources, some of which have been compiled before; `executed` counts its calls."""

    def __init__(self, compiled: dict[str, CodeType]) -> None:
        self.executed = 0
        self._compiled = compiled

    def __call__(self, source: str, *namespaces: dict[str, object]) -> None:
        """Execute the source."""
        self.executed += 1
        exec(self._compiled.get(source, source), *namespaces)  # noqa: S102 - as dataclasses does
