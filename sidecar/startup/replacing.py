"""The steps of a replacement: take the place of a library's module or attribute, and verify that it fits."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple


class DoesNotFitError(Exception):
    """A library has moved or changed a name that a replacement relies on; the text says which."""


class Replacement(NamedTuple):
    """One change to the way in which a library is imported.

    `apply` imports the library under the change. `check` then verifies that the library has used the change as it is
    meant, and raises DoesNotFitError otherwise. Any other exception of either counts the same.
    """

    name: str
    reason: str
    """The cost that the program is spared."""

    packages: tuple[str, ...]
    """The packages that are imported anew, without the change, when it is given up."""

    apply: Callable[[], None]
    check: Callable[[], None]


def import_bare(package: str) -> None:
    """Put a package into sys.modules without running its `__init__`."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        raise DoesNotFitError(f"there is no package {package}")
    sys.modules[package] = importlib.util.module_from_spec(spec)


@contextmanager
def stand_in(name: str, **attributes: object) -> Iterator[ModuleType]:
    """Put a module with these attributes in the place of a module that has not been imported yet."""
    if name in sys.modules:
        raise DoesNotFitError(f"{name} has been imported before")
    if importlib.util.find_spec(name) is None:
        raise DoesNotFitError(f"there is no module {name}")
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(attributes)
    try:
        yield module
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]


@contextmanager
def replaced(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """Give a callable attribute of a module another value for a while."""
    attributes = vars(module)
    before = attributes.get(name)
    if not callable(before):
        raise DoesNotFitError(f"{module.__name__}.{name} is missing or not callable")
    attributes[name] = value
    try:
        yield
    finally:
        attributes[name] = before


def require_taken(module: str, name: str, value: object) -> None:
    """Raise DoesNotFitError unless an imported module has bound `name` to the replacement's value."""
    if vars(sys.modules[module]).get(name) is not value:
        raise DoesNotFitError(f"{module} does not take {name} as it did")


def code_of(module: str) -> CodeType:
    """Return the code of a module without importing it; the package around it has been imported."""
    path = sys.modules[module.rpartition(".")[0]].__path__
    specs = (finder.find_spec(module, path) for finder in sys.meta_path)
    loader: Any = next((spec.loader for spec in specs if spec is not None), None)
    if loader is None:
        raise DoesNotFitError(f"there is no module {module}")
    code: CodeType = loader.get_code(module)
    return code


def functions_inside(code: CodeType) -> Iterator[CodeType]:
    """Return the code of the functions, methods and lambdas that a code object defines, at any depth."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from functions_inside(constant)


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """Return the functions of an imported module and the methods of its classes."""
    for value in list(vars(module).values()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        members = vars(value).values() if isinstance(value, type) else (value,)
        for member in members:
            function = getattr(member, "fget", getattr(member, "__func__", member))
            if isinstance(function, FunctionType):
                yield function


def names_used_by(function: FunctionType) -> set[str]:
    """Return the names of globals and attributes that a function uses at run time."""
    codes = (function.__code__, *functions_inside(function.__code__))
    return {name for code in codes for name in code.co_names}
