"""The command that packs the player: its usage, and what it says when it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from environment import EnvironmentFailedError
from player_package import main, pack


@pytest.mark.parametrize("arguments", [[], ["one", "two"], ["there is no such folder"]])
def test_a_wrong_command_line_packs_nothing(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["player_package.py", *arguments])
    assert main() == 2
    assert "an existing folder" in capsys.readouterr().err


def test_without_npm_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailedError, match="npm"):
        pack(tmp_path, tmp_path)
