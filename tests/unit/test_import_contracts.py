"""The import contracts of pyproject.toml hold for imports by text, too, which import-linter does not see."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sidecar_process import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

ROOMS = {
    package: tuple(contract["allowed_importers"])
    for contract in CONTRACTS
    if contract["type"] == "protected"
    for package in contract["protected_modules"]
}
"""For each protected package the rooms that may import it."""

EXCEPTIONS = {
    "sidecar.logs": "names the libraries' loggers",
    "sidecar.startup.replacements": "imports the libraries for the lean imports",
}

MODULE = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
FILES = sorted((ROOT / "sidecar").rglob("*.py"))


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def texts(tree: ast.Module) -> Iterator[str]:
    """The texts of a module that may name a module: parts of an expression, and no docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and MODULE.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            yield str(node.values[0].value).rstrip(".")


def named_packages(tree: ast.Module) -> set[str]:
    """The protected packages that the texts of a module name, alone or with a module inside."""
    return {package for text in texts(tree) for package in ROOMS if f"{text}.".startswith(f"{package}.")}


def test_the_libraries_of_one_room_are_protected() -> None:
    assert {"aiortc", "aioice", "av", "cv2", "websockets", "jsonrpcserver"} <= set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_protected_package_is_named_by_text_only_in_its_rooms(path: Path) -> None:
    module = module_of(path)
    named = named_packages(ast.parse(path.read_text("utf-8")))
    for package in named if module not in EXCEPTIONS else ():
        assert any(f"{module}.".startswith(f"{room}.") for room in ROOMS[package]), (
            f"{module} names {package}, which only {ROOMS[package]} may import"
        )


@pytest.mark.parametrize("module", sorted(EXCEPTIONS))
def test_each_exception_is_one(module: str) -> None:
    assert named_packages(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "import_module('aiortc.rtp')",
        "__import__('aiortc')",
        "sys.modules['aiortc.rtp']",
        "import_module(f'aiortc.{name}')",
        "MODULES = ('json', 'aiortc')",
    ],
)
def test_the_guard_sees_a_package_in_a_text(source: str) -> None:
    assert named_packages(ast.parse(source)) == {"aiortc"}


def test_the_guard_passes_texts_that_name_no_package() -> None:
    assert named_packages(ast.parse("log.info('aiortc is there'); kind = 'avc1'; backend = 'pyav'")) == set()
