"""No network: the far peer stands on 127.0.0.1."""

from __future__ import annotations

import pytest

from tests.support.peers import gather_on_loopback


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)
