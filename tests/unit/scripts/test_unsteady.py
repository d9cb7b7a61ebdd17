"""scripts/unsteady.py: the list of tests that may run a second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from environment import ROOT
from unsteady import LIST, UnsteadyListError, read_unsteady_tests

TESTS = """
def test_plain(): pass
async def test_async(): pass
def helper(): pass
class TestGroup:
    def test_in_a_class(self): pass
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one file of tests and no list."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(TESTS, "utf-8")
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / LIST).write_text(text, "utf-8")


def test_the_list_of_this_checkout_is_valid_and_empty() -> None:
    assert read_unsteady_tests(ROOT).causes == {}


def test_an_entry_allows_its_test_with_any_parameters(root: Path) -> None:
    write(root, '"tests/test_some.py::test_plain" = "the kernel"\n"tests/test_some.py::test_async" = "the compositor"')
    tests = read_unsteady_tests(root)
    assert tests.cause("tests/test_some.py::test_plain") == "the kernel"
    assert tests.cause("tests/test_some.py::test_async[udp-1]") == "the compositor"


def test_a_test_of_a_class_can_be_listed(root: Path) -> None:
    write(root, '"tests/test_some.py::TestGroup::test_in_a_class" = "the kernel"')
    assert read_unsteady_tests(root).cause("tests/test_some.py::TestGroup::test_in_a_class") == "the kernel"


def test_no_other_test_is_allowed(root: Path) -> None:
    write(root, '"tests/test_some.py::test_plain" = "the kernel"')
    assert read_unsteady_tests(root).cause("tests/test_some.py::test_async") is None
    assert read_unsteady_tests(root).cause("tests/test_some.py") is None


@pytest.mark.parametrize(
    "test",
    [
        "tests/test_some.py::test_gone",
        "tests/test_some.py::helper",
        "tests/test_some.py::test_in_a_class",
        "tests/test_some.py::test_plain[udp]",
        "tests/test_some.py",
        "tests/test_gone.py::test_plain",
        "test_plain",
    ],
)
def test_a_name_that_does_not_exist_is_an_error(root: Path, test: str) -> None:
    write(root, f'"{test}" = "the kernel"')
    with pytest.raises(UnsteadyListError, match="does not exist"):
        read_unsteady_tests(root)


@pytest.mark.parametrize("cause", ['""', '" "', "1", "true", "[]"])
def test_an_entry_without_a_cause_is_an_error(root: Path, cause: str) -> None:
    write(root, f'"tests/test_some.py::test_plain" = {cause}')
    with pytest.raises(UnsteadyListError, match="has no cause"):
        read_unsteady_tests(root)


def test_a_list_that_is_missing_or_no_toml_is_an_error(root: Path) -> None:
    with pytest.raises(UnsteadyListError, match="cannot be read"):
        read_unsteady_tests(root)
    write(root, "test_plain: the kernel")
    with pytest.raises(UnsteadyListError, match="cannot be read"):
        read_unsteady_tests(root)


def test_test_py_runs_nothing_when_the_list_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    write(tmp_path, '"tests/test_gone.py::test_gone" = "the kernel"')
    code = f"import pathlib, test; test.main(pathlib.Path({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code, "style"], cwd=ROOT / "scripts", capture_output=True, text=True)
    assert done.returncode == 1
    assert "tests/test_gone.py::test_gone does not exist" in done.stderr
    assert "===" not in done.stdout
