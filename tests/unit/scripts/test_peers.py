"""scripts/peers.py: which of the other projects' stacks are there."""

from __future__ import annotations

import shutil
from pathlib import Path

import peers
import pytest


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
    monkeypatch.setattr(shutil, "which", lambda name: str(go))
    found = peers.why_no_go()
    assert (found is None) == (reason is None)
    assert found is None or (reason or "") in found


def test_a_go_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "not installed" in (peers.why_no_go() or "")
    peers.why_not.cache_clear()
    assert "Go" in (peers.why_not("pion") or "")
    peers.why_not.cache_clear()
