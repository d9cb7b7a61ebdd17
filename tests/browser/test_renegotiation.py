"""The way to the viewer is lost, or ICE is restarted: the player goes on in the same video element."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.lasting import KEEP_PEERS, assert_goes_on, connection_stats, shown, until_connected_again
from tests.support.namespaces import NetworkNamespace, needs_namespaces, silence
from tests.support.viewer import Viewer, open_viewer

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

# The state change of a peer connection that has lost the other side.
SAY_FAILED = """(pc) => {
  Object.defineProperty(pc, "connectionState", { get: () => "failed", configurable: true });
  pc.dispatchEvent(new Event("connectionstatechange"));
  delete pc.connectionState;
}"""


async def test_a_silence_interrupts_the_picture_and_it_goes_on_by_itself(
    hidden_page: Page, hidden_carrier: Carrier, namespace: NetworkNamespace
) -> None:
    player, connection_id = await shown(hidden_page)
    async with silence(namespace):
        await player.until('view.state === "interrupted"')
        await hidden_carrier.state(connection_id, "reconnecting")
        assert "interrupted" in await hidden_page.inner_text(".camera-view-message")
    await until_connected_again(hidden_carrier)
    await assert_goes_on(player, connection_id)


async def test_a_page_that_lost_the_sidecar_asks_it_for_a_restart(hidden_page: Page, hidden_carrier: Carrier) -> None:
    await hidden_page.evaluate(KEEP_PEERS)
    player, connection_id = await shown(hidden_page)
    before = (await connection_stats(hidden_carrier, connection_id))["candidate_pair"]
    await hidden_page.evaluate(f"({SAY_FAILED})(peers[0])")
    async with asyncio.timeout(20):
        while (await connection_stats(hidden_carrier, connection_id))["candidate_pair"] == before:
            await player.frame_rate(1)
    await assert_goes_on(player, connection_id)
    assert [event["state"] for event in hidden_carrier.of("connection_state")] == ["connecting", "connected"]


async def restart_ice(viewer: Viewer) -> None:
    """Restart ICE in the page, as the W3C specifies."""
    await viewer.handle.evaluate(
        """async (viewer) => {
          const { invoke } = await import("./shell/invoke.js");
          const { peer, connectionId } = viewer;
          peer.restartIce();
          await peer.setLocalDescription();
          await invoke("set_remote_description", { connectionId, description: peer.localDescription.toJSON() });
          const { sdp_type: type, sdp } = await invoke("create_answer", { connectionId });
          await peer.setRemoteDescription({ type, sdp });
        }"""
    )


async def test_a_browser_s_own_restart_is_answered(hidden_page: Page, hidden_carrier: Carrier) -> None:
    viewer = await open_viewer(hidden_page, "test:pattern")
    before = (await connection_stats(hidden_carrier, viewer.connection_id))["candidate_pair"]
    await restart_ice(viewer)
    async with asyncio.timeout(20):
        while (await connection_stats(hidden_carrier, viewer.connection_id))["candidate_pair"] == before:
            await viewer.frames(1)
    await viewer.frames(10)
    assert await viewer.handle.evaluate("(viewer) => viewer.peer.connectionState") == "connected"
