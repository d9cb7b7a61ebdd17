"""Real servers, on loopback only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.coturn import Coturn, coturn
from tests.support.peers import gather_on_loopback
from tests.support.session_fixtures import cameras, connections, notifications

__all__ = ["cameras", "connections", "loopback_viewer", "notifications", "turn_server"]


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


@pytest.fixture
async def turn_server(tmp_path: Path) -> AsyncIterator[Coturn]:
    async with coturn(tmp_path) as server:
        yield server
