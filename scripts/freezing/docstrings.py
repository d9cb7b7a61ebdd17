"""Leaves the docstrings of the libraries' functions out of the bundle: to load them is a part of each start."""

from __future__ import annotations

import dis
import inspect
from types import CodeType

KEPT = ("sidecar", "numpy", "cv2", "av")
"""Packages that keep their docstrings: `rpc.discover` has those of the contract, and native modules add to theirs."""


def without_docstrings(modules: dict[str, CodeType | None]) -> dict[str, CodeType | None]:
    """Return the code of modules by name, without the docstrings of functions.

    Docstrings of classes stay: dataclasses makes up a text for each class that has none.
    """
    return {
        name: code if code is None or name.partition(".")[0] in KEPT else without_docstring(code)
        for name, code in modules.items()
    }


def without_docstring(code: CodeType) -> CodeType:
    """Return code without its docstring, if it is a function's, and without those of the functions inside of it."""
    constants = [without_docstring(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    if is_function and constants and isinstance(constants[0], str) and not uses_first_constant(code):
        constants[0] = None
    return code.replace(co_consts=tuple(constants))


def uses_first_constant(code: CodeType) -> bool:
    """Return whether a function uses its docstring as a value, too: equal constants are one."""
    return any(step.opcode in dis.hasconst and step.arg == 0 for step in dis.get_instructions(code))
