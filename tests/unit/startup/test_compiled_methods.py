"""Methods of dataclasses that were compiled before."""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path

import pytest
from freezing.compiled_methods import write_compiled_methods

from tests.support.sidecar_process import ROOT

USE = """
import sys
from pathlib import Path
from sidecar.startup import compiled_methods
compiled_methods.FILE = Path(sys.argv[1])
compiled_methods.use()
from dataclasses import dataclass
"""
POINT = """
@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = 2
print(Point(1), Point(1) < Point(2, 0), Point(3) == Point(3, 2), hash(Point(1)) == hash(Point(1, 2)))
"""


def run(code: str, file: Path) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-c", code, str(file)]
    return subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).strip()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The methods of what the program imports at its start, as a bundle has them."""
    return write_compiled_methods(tmp_path_factory.mktemp("compiled"))


def test_the_program_s_start_compiles_none_of_its_dataclasses_again(recorded: Path) -> None:
    code = f"""{USE}
compiled = []
sys.addaudithook(lambda event, what: compiled.append(what[0]) if event == "compile" and what[0] is not None else None)
from sidecar.startup import lean_imports
lean_imports.prepare()
from sidecar import app, logs
print([source for source in compiled if b"__create_fn__" in source])
"""
    assert run(code, recorded) == "[]"


def test_what_was_not_compiled_before_is_made_as_ever(recorded: Path) -> None:
    assert run(USE + POINT, recorded) == "Point(x=1, y=2) True True True"


def test_a_compiled_method_takes_the_place_of_its_source(tmp_path: Path) -> None:
    file = tmp_path / "methods"
    file.write_bytes(marshal.dumps({"found = 'source'": compile("found = 'compiled'", "<string>", "exec")}))
    code = f"""{USE}
import dataclasses
names = {{}}
dataclasses.exec("found = 'source'", {{}}, names)
print(names["found"])
"""
    assert run(code, file) == "compiled"


def test_a_program_that_is_not_frozen_compiles_them_itself(tmp_path: Path) -> None:
    assert run(USE + POINT, tmp_path / "missing") == "Point(x=1, y=2) True True True"
