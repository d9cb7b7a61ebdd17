"""The program with the mark of a frozen one, on libraries that have changed.

    python -m tests.support.marked_program CHANGES [OPTION …]       the program
    python -m tests.support.marked_program CHANGES --imports        its imports alone; prints what was given up

CHANGES is JSON: the changes to the sources of modules, and a package whose first import fails.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import NoReturn

Edit = tuple[str, str]
"""A text of a source and the text that replaces it; an empty text stands for the end of the source."""

MARK = "frozen"


class ChangedLoader(SourceFileLoader):
    """Imports a module from its changed source."""

    def __init__(self, name: str, path: str, edits: Sequence[Edit]) -> None:
        super().__init__(name, path)
        self._edits = edits

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the changed source."""
        source = self.get_data(self.path).decode()
        for old, new in self._edits:
            if old not in source:
                raise SystemExit(f"{old!r} is not in the source of {fullname}")
            source = source.replace(old, new) if old else f"{source}\n{new}\n"
        return compile(source, self.path, "exec", dont_inherit=True)


class FailingLoader(SourceFileLoader):
    """Runs the first module of a package to its end and fails then."""

    has_failed = False

    def exec_module(self, module: ModuleType) -> None:
        """Raise RuntimeError the first time."""
        super().exec_module(module)
        if not FailingLoader.has_failed:
            FailingLoader.has_failed = True
            raise RuntimeError(f"{module.__name__} has changed")


class ChangedLibraries(MetaPathFinder):
    """Finds the modules of changed libraries."""

    def __init__(self, changes: Mapping[str, Sequence[Edit]], failing: str | None) -> None:
        self._changes = changes
        self._failing = failing

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that is changed or fails; None for any other."""
        fails = fullname.partition(".")[0] == self._failing
        if not fails and fullname not in self._changes:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        if not isinstance(spec.loader, SourceFileLoader):
            return None
        if fullname in self._changes:
            spec.loader = ChangedLoader(fullname, spec.origin, self._changes[fullname])
        else:
            spec.loader = FailingLoader(fullname, spec.origin)
        return spec


def marked_command(
    changes: Mapping[str, Sequence[Edit]] | None = None, failing: str | None = None, *options: str
) -> list[str]:
    """Return the command line of the program under these changes."""
    told = json.dumps({"changes": changes or {}, "failing": failing})
    return [sys.executable, "-m", "tests.support.marked_program", told, *options]


def mark() -> None:
    """Mark this process as a frozen program."""
    vars(sys)[MARK] = True


def run() -> None:
    """Run the program or its imports."""
    mark()
    sys.meta_path.insert(0, ChangedLibraries(**json.loads(sys.argv.pop(1))))
    if sys.argv[1:] == ["--imports"]:
        run_imports()
    from sidecar.__main__ import main

    main()


def run_imports() -> NoReturn:
    """Import the program and its offer, print the names of the replacements that were given up, and exit."""
    from sidecar.startup import lean_imports

    given_up = lean_imports.prepare()
    from sidecar import app, logs  # noqa: F401 - as sidecar/__main__.py does
    from sidecar.commands.imports import PRELOADED

    for name in PRELOADED:
        importlib.import_module(name)
    sys.stdout.write(json.dumps([name for name, _ in given_up]))
    sys.exit()


if __name__ == "__main__":
    run()
