"""scripts/peers.py: which of the other projects' stacks are there."""

from __future__ import annotations

import shutil

import peers
import pytest


def test_a_peer_that_needs_go_says_so_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    peers.why_not.cache_clear()
    assert "Go" in (peers.why_not("pion") or "")
    peers.why_not.cache_clear()
