"""What happens when the far peer goes: with a word, without one, and for a while."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.peers import connected_peers, pushing


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """All times a tenth of what they are; tests/network has them in full."""
    monkeypatch.setattr("sidecar.webrtc.peer.TICK", 0.05)
    monkeypatch.setattr("sidecar.webrtc.ice.CONSENT_INTERVAL", 0.1)


async def test_a_peer_that_closes_is_told_of_at_once() -> None:
    async with connected_peers() as (peer, listener, viewer):
        await viewer.close()
        await listener.until_state("closed", timeout=1.0)
        assert listener.reason_of("closed") == "the peer closed the connection"
        assert peer.connection_state == "closed"


@pytest.mark.usefixtures("impatience")
async def test_a_peer_that_vanishes_is_disconnected_and_then_failed() -> None:
    async with connected_peers() as (peer, listener, viewer), pushing(peer, listener):
        await viewer.vanish()
        await listener.until_state("failed")
        assert listener.state_names == ["connecting", "connected", "disconnected", "failed"]
        assert "lost" in (listener.reason_of("failed") or "")
        assert peer.ice_connection_state == "failed"


@pytest.mark.usefixtures("impatience")
async def test_a_peer_that_comes_back_is_connected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected_peers() as (peer, listener, _):
        heard, peer._agent._on_heard = peer._agent._on_heard, lambda: None
        monkeypatch.setattr(peer._dtls, "_on_rtcp", lambda data: None)
        await listener.until_state("disconnected")
        assert peer.ice_connection_state == "disconnected"
        peer._agent._on_heard = heard
        await listener.until(lambda: listener.state_names[-1] == "connected")


@pytest.mark.usefixtures("impatience")
async def test_a_still_picture_is_no_loss() -> None:
    async with connected_peers() as (_, listener, _):
        await asyncio.sleep(1.0)
        assert listener.state_names == ["connecting", "connected"]
