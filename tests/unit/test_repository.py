"""What holds for the tree as a whole: sizes, docstrings, locks, and nothing that belongs to one machine only."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment import DEV_LOCK, ROOT, RUNTIME_LOCK, SOURCE_ONLY

SOURCES = ("sidecar", "scripts", "tests", "tauri-shell/src", "tauri-shell/player")
NOT_OURS = {".git", "__pycache__", "node_modules", "target", "build", "dist", "types"}
LONGEST_FUNCTION = 50  # lines
GENERATED_MODULE = "tauri-shell/player/src/contract.d.ts"
LONGEST_MODULE = 400  # lines

# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "debian" + ".org/debian")
FOLDERS_OF_ONE_MACHINE = ("/wo" + "rk/", "/ro" + "ot/", ".." + "/shared")


def files(*suffixes: str, under: tuple[str, ...] = SOURCES) -> Iterator[Path]:
    for folder in under:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not NOT_OURS.intersection(path.relative_to(ROOT).parts):
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def locked(lock: Path) -> dict[str, set[str]]:
    """The versions of each package in a lock; more than one where they depend on the Python."""
    versions: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE):
        versions.setdefault(package, set()).add(version)
    return versions


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in files(".py", ".js", ".ts")}
    del lengths[GENERATED_MODULE]
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in files(".py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{name(path)}:{node.name}"] = length
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    modules = files(".py", under=("sidecar", "scripts"))
    assert [name(path) for path in modules if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_every_folder_of_the_sidecar_is_a_package() -> None:
    folders = {path.parent for path in files(".py", under=("sidecar",))}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, DEV_LOCK], ids=lambda lock: lock.name)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    requirements = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(requirements) > 10
    assert [one.split()[0] for one in requirements if "--hash=sha256:" not in one] == []
    assert "://" not in text
    assert "--index-url" not in text


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    runtime = project["project"]["dependencies"]
    development = [one for one in groups["dev"] if isinstance(one, str)]

    def missing(requirements: list[str], lock: Path) -> list[str]:
        return [one for one in requirements if re.split(r"[^A-Za-z0-9._-]", one)[0] not in locked(lock)]

    assert missing(runtime, RUNTIME_LOCK) == []
    assert missing(development, DEV_LOCK) == []
    assert set(SOURCE_ONLY) <= set(locked(RUNTIME_LOCK))


def test_the_tests_run_with_the_versions_that_users_get() -> None:
    development = locked(DEV_LOCK)
    assert {package: development.get(package) for package in locked(RUNTIME_LOCK)} == locked(RUNTIME_LOCK)


@pytest.mark.parametrize("folder", ["tauri-shell", "tests/node"])
def test_an_npm_lock_has_hashes_and_no_address(folder: str) -> None:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert packages
    assert [path for path, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []


def test_no_file_belongs_to_one_machine() -> None:
    suffixes = (".py", ".js", ".ts", ".json", ".html", ".css", ".io", ".toml", ".lock", ".md", ".sh")
    tree = [
        *files(*suffixes),
        *files(".json", under=("schemas",)),
        *files(".md", under=("docs",)),
        *files(".yml", under=(".github",)),
        *(path for path in ROOT.iterdir() if path.is_file() and path.name not in NOT_OURS),
    ]
    found = {}
    for path in tree:
        text = path.read_bytes().decode("utf-8", "replace")
        words = [word for word in (*REGISTRIES, *FOLDERS_OF_ONE_MACHINE) if word in text]
        if words:
            found[name(path)] = words
    assert found == {}
