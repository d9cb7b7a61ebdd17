"""What packing the player says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from environment import EnvironmentFailedError
from player_package import pack


def test_without_npm_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailedError, match="npm"):
        pack(tmp_path, tmp_path)
