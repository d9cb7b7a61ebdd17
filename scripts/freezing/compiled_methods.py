"""Compiles the methods of the dataclasses that the program makes at its start (sidecar/startup/compiled_methods.py)."""

from __future__ import annotations

import dataclasses
import importlib
import marshal
import os
import subprocess
import sys
from pathlib import Path
from types import CodeType

from environment import ROOT

FILE_NAME = "compiled_methods.marshal"
LIMIT = 120.0  # seconds for the imports


def write_compiled_methods(folder: Path) -> Path:
    """Import the program's start in a process of its own and write the compiled methods into `folder`.

    Returns the path of the file. Raises subprocess.SubprocessError when the imports fail or a replacement of the lean
    imports does not fit: the bundle has only the modules that the lean imports need.
    """
    file = folder / FILE_NAME
    command = [sys.executable, "-m", "freezing.compiled_methods", str(file)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    subprocess.run(command, check=True, timeout=LIMIT, env={**os.environ, "PYTHONPATH": paths})
    return file


def record(file: Path) -> None:
    """Write the compiled source of each method that dataclasses makes from now on, by the source."""
    compiled: dict[str, CodeType] = {}

    def execute(source: str, *namespaces: dict[str, object]) -> None:
        code = compiled[source] = compile(source, "<string>", "exec")
        exec(code, *namespaces)

    vars(dataclasses)["exec"] = execute
    from sidecar.startup import lean_imports
    from sidecar.startup.replacements import COMPILED_METHODS, REPLACEMENTS

    given_up = lean_imports.apply(each for each in REPLACEMENTS if each is not COMPILED_METHODS)
    if given_up:
        sys.exit("\n".join(f"the lean import of {name} does not fit: {reason}" for name, reason in given_up))
    from sidecar import app, logs  # noqa: F401 - as sidecar/__main__.py does
    from sidecar.commands.imports import PRELOADED

    for name in PRELOADED:
        importlib.import_module(name)
    file.write_bytes(marshal.dumps(compiled))


if __name__ == "__main__":
    record(Path(sys.argv[1]))
