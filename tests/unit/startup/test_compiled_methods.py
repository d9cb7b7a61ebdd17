"""Methods of dataclasses that were compiled before."""

from __future__ import annotations

import dataclasses
import marshal
import subprocess
import sys
from pathlib import Path

import pytest
from freezing.compiled_methods import write_compiled_methods

from sidecar.startup import compiled_methods
from sidecar.startup.replacing import DoesNotFitError
from tests.support.sidecar_process import ROOT

USE = """
import sys
from pathlib import Path
from sidecar.startup import compiled_methods
compiled_methods.use(Path(sys.argv[1]))
compiled_methods.check()
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
    """Return the output of a new interpreter."""
    command = [sys.executable, "-c", code, str(file)]
    return subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).strip()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled methods of the program's start, as a bundle has them."""
    return write_compiled_methods(tmp_path_factory.mktemp("compiled"))


def test_the_program_s_start_compiles_none_of_its_dataclasses_again(recorded: Path) -> None:
    code = f"""{USE}
compiled = []
sys.addaudithook(lambda event, what: compiled.append(what[0]) if event == "compile" and what[0] is not None else None)
from sidecar.startup import lean_imports
from sidecar.startup.replacements import COMPILED_METHODS, REPLACEMENTS
assert lean_imports.apply(each for each in REPLACEMENTS if each is not COMPILED_METHODS) == []
from sidecar import app, logs
print([source for source in compiled if b"__create_fn__" in source])
"""
    assert run(code, recorded) == "[]"


def test_a_method_that_was_not_compiled_before_is_compiled(recorded: Path) -> None:
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


@pytest.mark.parametrize(
    "content", [b"", b"no marshal data", marshal.dumps(["a list"]), marshal.dumps({"source": "no code"})]
)
def test_a_file_without_compiled_methods_has_no_effect(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "methods"
    file.write_bytes(content)
    with pytest.raises((DoesNotFitError, EOFError, ValueError, TypeError)):
        compiled_methods.use(file)
    assert "exec" not in vars(dataclasses)


def test_a_missing_file_has_no_effect(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        compiled_methods.use(tmp_path / "missing")
    assert "exec" not in vars(dataclasses)


def test_dataclasses_that_execute_their_sources_in_another_way_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "methods"
    file.write_bytes(marshal.dumps({}))
    code = f"""
import inspect, dataclasses, sys
from pathlib import Path
from sidecar.startup import compiled_methods
from sidecar.startup.replacing import DoesNotFitError
source = inspect.getsource(dataclasses)
assert "exec(txt," in source
exec(source.replace("exec(txt,", "builtins.exec(txt,"), vars(dataclasses))
compiled_methods.use(Path(sys.argv[1]))
try:
    compiled_methods.check()
except DoesNotFitError as error:
    print(error)
{POINT}"""
    assert run(code.replace("@dataclass", "@dataclasses.dataclass"), file).splitlines() == [
        "dataclasses makes methods in another way",
        "Point(x=1, y=2) True True True",
    ]
