"""The manifests of all packages in this tree agree: one licence, one version, one release of the build's backend."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from environment import DEV_LOCK, ROOT

from sidecar import __version__

LICENCE = "MIT OR Apache-2.0"
LICENCE_FILES = ("LICENSE-MIT", "LICENSE-APACHE")
APACHE_TEXT = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""The SHA-256 of the text that the Apache Software Foundation publishes."""

NOT_OURS = {"node_modules", "target", "examples", "gen"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

Manifest = dict[str, Any]


def manifests() -> Iterator[tuple[Path, Manifest]]:
    """The packages under tauri-shell, without the examples, which are nobody's dependency."""
    for path in sorted((ROOT / "tauri-shell").rglob("*")):
        if NOT_OURS.intersection(path.relative_to(ROOT).parts):
            continue
        if path.name == "Cargo.toml" and (package := tomllib.loads(path.read_text("utf-8")).get("package")):
            yield path, package
        elif path.name == "package.json":
            yield path, json.loads(path.read_text("utf-8"))


MANIFESTS = dict(manifests())
PUBLISHED = {
    path: manifest for path, manifest in MANIFESTS.items() if manifest.get("publish", not manifest.get("private"))
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_pyproject_names_the_licence_and_its_files() -> None:
    assert PYPROJECT["project"]["license"] == LICENCE
    assert PYPROJECT["project"]["license-files"] == list(LICENCE_FILES)


def test_every_package_that_names_a_licence_names_the_same() -> None:
    assert {name(path) for path in MANIFESTS} >= {"tauri-shell/src-tauri/Cargo.toml", "tauri-shell/package.json"}
    licences = {name(path): manifest["license"] for path, manifest in MANIFESTS.items() if "license" in manifest}
    assert licences == dict.fromkeys(licences, LICENCE)
    assert licences


def test_every_published_package_names_the_licence_and_has_its_texts() -> None:
    assert [name(path) for path, manifest in PUBLISHED.items() if "license" not in manifest] == []
    for path in PUBLISHED:
        for file in LICENCE_FILES:
            assert (path.parent / file).read_bytes() == (ROOT / file).read_bytes()


def test_the_licence_texts_are_the_published_ones() -> None:
    assert hashlib.sha256((ROOT / "LICENSE-APACHE").read_bytes()).hexdigest() == APACHE_TEXT
    mit = (ROOT / "LICENSE-MIT").read_text("utf-8")
    template = (ROOT / "scripts/freezing/licence_texts/MIT.txt").read_text("utf-8")
    heading, permission = mit.split("\n\nPermission", 1)
    assert heading == "MIT License\n\nCopyright (c) The camera-sidecar authors"
    assert f"Permission{permission}".split() == template.split()


@pytest.mark.parametrize("document", ["README.md", "docs/licences.md"])
def test_the_documents_name_the_licence_and_the_gpl(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert LICENCE in text
    for file in LICENCE_FILES:
        assert file in text
    assert re.search(r"x264.{0,200}GNU General Public License", text, re.DOTALL)


def test_all_packages_have_one_version() -> None:
    versions = {name(path): manifest["version"] for path, manifest in MANIFESTS.items()}
    versions["pyproject.toml"] = PYPROJECT["project"]["version"]
    configuration = json.loads((ROOT / "tauri-shell/src-tauri/tauri.conf.json").read_text("utf-8"))
    versions["tauri.conf.json"] = configuration["version"]
    assert versions == dict.fromkeys(versions, __version__)


@pytest.mark.parametrize("document", ["docs/getting-started/tauri.md", "tauri-shell/plugin/README.md"])
def test_the_steps_for_an_app_name_the_files_of_this_version(document: str) -> None:
    named = re.findall(r"camera-sidecar-(\d+\.\d+\.\d+)", (ROOT / document).read_text("utf-8"))
    assert named
    assert set(named) == {__version__}


def test_the_changes_of_this_version_are_described() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(__version__)}\b", changes, re.MULTILINE)


def test_the_backend_of_the_build_is_the_locked_one() -> None:
    (backend,) = PYPROJECT["build-system"]["requires"]
    assert re.fullmatch(r"setuptools==[\d.]+", backend)
    assert re.search(rf"^{re.escape(backend)} ", DEV_LOCK.read_text("utf-8"), re.MULTILINE)
