"""Lean imports: modules and objects that the libraries import or build and that this program never uses are left out.

They cost half of the start and a fifth of the memory. Only the frozen program leaves them out: its libraries have
locked versions. Users of pip and tests run the libraries as they are. A replacement that does not fit its library is
given up: the library is then imported as it is, and the program logs one line.
"""

from __future__ import annotations

import importlib.machinery
import logging
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import NamedTuple

from sidecar.startup.replacements import REPLACEMENTS
from sidecar.startup.replacing import Replacement

log = logging.getLogger(__name__)


class GivenUp(NamedTuple):
    """A replacement that did not fit, and the reason."""

    name: str
    reason: str


def is_frozen() -> bool:
    """Whether this is the frozen program (PyInstaller sets `sys.frozen`)."""
    return bool(getattr(sys, "frozen", False))


def prepare() -> list[GivenUp]:
    """Apply the replacements and return the ones that were given up. A program that is not frozen applies none.

    Call it once, before any of the libraries is imported, while one thread imports.
    """
    return apply(REPLACEMENTS) if is_frozen() else []


def apply(replacements: Iterable[Replacement]) -> list[GivenUp]:
    """Apply replacements in their order and return the ones that were given up."""
    tried = ((replacement, _try(replacement)) for replacement in replacements)
    return [GivenUp(replacement.name, reason) for replacement, reason in tried if reason is not None]


def report(given_up: Iterable[GivenUp]) -> None:
    """Log one line for each replacement that was given up."""
    for name, reason in given_up:
        log.warning("lean import of %s given up, the library is imported as it is: %s", name, reason)


def _try(replacement: Replacement) -> str | None:
    before = frozenset(sys.modules)
    try:
        replacement.apply()
        replacement.check()
    except Exception as error:  # a changed library may raise any exception; the program starts in any case
        _forget(replacement.packages, before)
        return f"{type(error).__name__}: {error}"
    return None


def _forget(packages: tuple[str, ...], before: frozenset[str]) -> None:
    """Let the packages' modules that were imported meanwhile be imported again.

    Extension modules stay, with the modules inside of them: most cannot be initialised twice.
    """
    later = {name: module for name, module in sys.modules.items() if name not in before}
    native = tuple(name for name, module in later.items() if _is_native(module))
    for name in later:
        is_inside_native = any(name == each or name.startswith(f"{each}.") for each in native)
        if name.partition(".")[0] in packages and not is_inside_native:
            del sys.modules[name]


def _is_native(module: ModuleType) -> bool:
    return (getattr(module, "__file__", None) or "").endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
