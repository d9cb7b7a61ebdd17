"""A player whose picture goes on while its connection has faults."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.player import Player, show_camera

# `peers` are all the page makes from now on. A proxy keeps the native prototype, as adapters of WebRTC do.
KEEP_PEERS = """() => {
  window.peers = [];
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(Native, configuration) {
      const peer = new Native(...configuration);
      peers.push(peer);
      return peer;
    },
  });
}"""


async def shown(page: Page) -> tuple[Player, str]:
    """Show a camera in a player that notes its element and its states; return it with its connection's id."""
    player = await show_camera(page)
    await player.get(
        "{ view.first = view.element; view.states = [view.state];"
        " view.addEventListener('state', () => view.states.at(-1) === view.state || view.states.push(view.state)); }"
    )
    return player, await player.get("view.connectionId")


async def assert_goes_on(player: Player, connection_id: str) -> None:
    """Check that the picture moves in the same element and the same session."""
    await player.until('view.state === "live"')
    await player.frame_rate(10)
    assert await player.get("view.element === view.first && view.element.isConnected")
    assert await player.get("view.connectionId") == connection_id
    assert "ended" not in await player.get("view.states")


async def connection_stats(carrier: Carrier, connection_id: str) -> dict[str, Any]:
    (found,) = (await carrier.call("get_stats", connection_id=connection_id))["connections"]
    return dict(found)


async def until_connected_again(carrier: Carrier, times: int = 2) -> dict[str, Any]:
    """Wait until the connection was connected so many times; return the last of these notifications."""

    def connected() -> list[dict[str, Any]]:
        return [event for event in carrier.of("connection_state") if event["state"] == "connected"]

    await carrier.wait_for("connection_state", lambda _: len(connected()) >= times)
    return connected()[times - 1]
