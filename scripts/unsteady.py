"""tests/unsteady.toml: the tests that may run a second time after a failure, each with its cause."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LIST = "tests/unsteady.toml"


class UnsteadyListError(Exception):
    """The list cannot be read, gives no cause, or names a test that does not exist."""


@dataclass(frozen=True)
class UnsteadyTests:
    """The causes by the tests' node ids without parameters."""

    causes: Mapping[str, str] = field(default_factory=dict)

    def cause(self, test: str) -> str | None:
        """Return why a test, a node id with or without parameters, may run again; None when it may not."""
        return self.causes.get(test.partition("[")[0])


def read_unsteady_tests(root: Path) -> UnsteadyTests:
    """Read the list of a checkout; raises UnsteadyListError."""
    try:
        entries = tomllib.loads((root / LIST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnsteadyListError(f"{LIST} cannot be read: {error}") from error
    for test, cause in entries.items():
        if not isinstance(cause, str) or not cause.strip():
            raise UnsteadyListError(f"{LIST}: {test} has no cause.")
        if not exists(root, test):
            raise UnsteadyListError(f"{LIST}: {test} does not exist; remove the entry or correct the name.")
    return UnsteadyTests(entries)


def exists(root: Path, test: str) -> bool:
    """Return whether a node id without parameters names a test function of the checkout."""
    file, _, name = test.partition("::")
    path = root / file
    if not path.is_relative_to(root) or path.suffix != ".py" or not path.is_file():
        return False
    return name in test_functions(ast.parse(path.read_text("utf-8")))


def test_functions(module: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    """The names of the test functions of a module or class, as they stand in node ids."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield from test_functions(node, f"{prefix}{node.name}::")
