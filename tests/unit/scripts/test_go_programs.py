"""scripts/go_programs.py: the release of Go that a module needs, and programs that cannot be built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from environment import EnvironmentFailedError
from go_programs import ensure_go_program, why_no_go


def written_module(folder: Path) -> Path:
    """A module that needs Go 1.24 and has no source files."""
    (folder / "go.mod").write_text("module example\n\ngo 1.24.0\n")
    return folder


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("go version go1.19.8 linux/amd64", "is needed"),
        ("go version go1.24.0 linux/amd64", None),
        ("go version go2.0 linux/amd64", None),
        ("nonsense", "is needed"),
    ],
)
def test_a_go_that_is_too_old_is_named(
    version: str, reason: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\necho {version}\n")
    go.chmod(0o755)
    module = written_module(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: str(go))
    found = why_no_go(module)
    assert (found is None) == (reason is None)
    assert found is None or (reason or "") in found


def test_a_go_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert why_no_go(written_module(tmp_path)) == "Go 1.24 or newer is not installed: https://go.dev/dl has it"


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_a_program_that_cannot_be_built_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_SIDECAR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "source").mkdir()
    with pytest.raises(EnvironmentFailedError, match="go build failed"):
        ensure_go_program(written_module(tmp_path / "source"), "example")
