"""Real servers, on loopback only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aioice.ice import StunProtocol

from tests.support.coturn import RELAY_PORTS, Coturn, coturn
from tests.support.peers import gather_on_loopback
from tests.support.session_fixtures import connections, notifications, sessions

__all__ = ["connections", "loopback_viewer", "notifications", "only_relayed_packets", "sessions", "turn_server"]


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


@pytest.fixture
async def turn_server(tmp_path: Path) -> AsyncIterator[Coturn]:
    async with coturn(tmp_path) as server:
        yield server


@pytest.fixture
def only_relayed_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The viewer is behind a firewall that passes only packets from a relay."""
    receive = StunProtocol.datagram_received

    def filtered(self: StunProtocol, data: bytes, addr: tuple[Any, ...]) -> None:
        is_ours = type(self.receiver).__name__ == "IceAgent"
        if is_ours or addr[1] in RELAY_PORTS:
            receive(self, data, addr)

    monkeypatch.setattr(StunProtocol, "datagram_received", filtered)
