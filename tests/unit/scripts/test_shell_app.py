"""scripts/shell_app.py names the missing prerequisites of the Tauri app."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest
import shell_app

ALL_OF_IT = {
    "cargo --version": "cargo 9.0.0 (new)",
    "cargo clippy --version": "clippy",
    "cargo fmt --version": "rustfmt",
}


def without(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, str]) -> str | None:
    """Return the reason on a machine with these answers of its programs."""
    monkeypatch.setattr(shell_app, "answer_of", lambda *command: answers.get(" ".join(command), ""))
    return shell_app.why_no_rust()


def test_nothing_is_missing_where_all_of_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert without(monkeypatch, ALL_OF_IT) is None


def test_a_rust_that_is_too_old_is_told_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = without(monkeypatch, {**ALL_OF_IT, "cargo --version": "cargo 1.63.0"})
    assert reason is not None
    assert "or newer is needed, this is cargo 1.63" in reason


def test_parts_of_rust_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = without(monkeypatch, {"cargo --version": ALL_OF_IT["cargo --version"]})
    assert reason is not None
    assert "cargo clippy and fmt" in reason


def test_a_program_that_fails_has_said_nothing() -> None:
    assert shell_app.answer_of(sys.executable, "-c", "print('words'); raise SystemExit(1)") == ""
    assert shell_app.answer_of(sys.executable, "-c", "print('words')").split() == ["words"]


def test_what_is_built_finds_its_resources_beside_it_as_tauri_looks_for_them() -> None:
    assert shell_app.target_directory().name == "target"
