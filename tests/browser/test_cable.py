"""The sidecar on one machine, the browser on another, and the cable between them pulled and plugged in again."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from sidecar.client import SidecarClient
from tests.support.busy_machine import SLACK
from tests.support.cable import MOVED_ADDRESS, SIDECAR_ADDRESS, Network, Where, network
from tests.support.carrier import Carrier, carried
from tests.support.chromium import CHROMIUM, Pages, chromium, needs_chromium
from tests.support.coturn import CREDENTIAL, RELAY_PORTS, USERNAME, coturn, needs_coturn
from tests.support.lasting import KEEP_PEERS, assert_goes_on, connection_stats, shown, until_connected_again
from tests.support.namespaces import needs_namespaces
from tests.support.sidecar_process import ROOT, sidecar_command

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

BACK_WITHIN = 1.0
"""Seconds from the cable's return, after an outage of 5 s, until the viewer is connected."""

# A page that reaches only its relay. A proxy keeps the native prototype, as adapters of WebRTC do.
ONLY_RELAYED = """(iceServer) => {
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (Native, [configuration]) =>
      new Native({ ...configuration, iceServers: [iceServer], iceTransportPolicy: "relay" }),
  });
}"""

# A page that was written without restarts in mind.
REFUSE_RESTARTS = """() => {
  const take = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
    if (this.remoteDescription) throw new Error("this page cannot restart");
    return take.call(this, description);
  };
}"""

logger = logging.getLogger(__name__)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def wired(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def far_chromium(wired: Network, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    script = wired.viewer.script(tmp_path_factory.mktemp("far") / "chromium", str(CHROMIUM))
    async with chromium(program=script) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def carrier(wired: Network, sidecar_program: str | None, far_chromium: Browser) -> AsyncIterator[Carrier]:
    command = wired.sidecar.command(*sidecar_command(sidecar_program))
    async with SidecarClient.start(command, cwd=str(ROOT)) as client, carried(client) as started:
        yield started
    logger.info("the sidecar's log:\n%s", "\n".join(client.stderr))
    assert client.process.returncode == 0


@pytest_asyncio.fixture(loop_scope="session")
async def page(far_chromium: Browser, carrier: Carrier) -> AsyncIterator[Page]:
    opened = Pages(far_chromium, carrier)
    yield await opened.open()
    await opened.close()
    assert opened.complaints == []


async def outage(network: Network, where: Where, page: Page, seconds: float) -> None:
    """Pull the cable for so long."""
    await network.pull(where)
    try:
        await page.wait_for_timeout(seconds * 1000)
    finally:
        await network.plug(where)


async def test_a_second_without_a_cable_changes_nothing(page: Page, carrier: Carrier, wired: Network) -> None:
    player, connection_id = await shown(page)
    await outage(wired, "middle", page, 1.0)
    await assert_goes_on(player, connection_id)
    assert carrier.of("renegotiation_offer") == []


@pytest.mark.parametrize("where", ["middle", "sidecar", "viewer"])
async def test_after_five_seconds_without_a_cable_the_picture_is_back_at_once(
    page: Page, carrier: Carrier, wired: Network, where: Where
) -> None:
    player, connection_id = await shown(page)
    await outage(wired, where, page, 5.0)
    plugged_at = time.monotonic()
    await until_connected_again(carrier)
    took = time.monotonic() - plugged_at
    await assert_goes_on(player, connection_id)
    logger.info(
        "cable of the %s: connected after %.2f s, live after %.2f s", where, took, time.monotonic() - plugged_at
    )
    assert took < BACK_WITHIN + SLACK


@needs_coturn
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_after_five_seconds_without_the_way_to_its_relay_the_viewer_goes_on(
    transport: str, page: Page, carrier: Carrier, wired: Network, tmp_path: Path
) -> None:
    async with coturn(tmp_path, host=SIDECAR_ADDRESS, machine=wired.sidecar) as server:
        url = f"turn:{SIDECAR_ADDRESS}:{server.port}?transport={transport}"
        await page.evaluate(ONLY_RELAYED, {"urls": url, "username": USERNAME, "credential": CREDENTIAL})
        player, connection_id = await shown(page)
        assert (await connection_stats(carrier, connection_id))["candidate_pair"]["remote"]["port"] in RELAY_PORTS
        await outage(wired, "viewer", page, 5.0)
        plugged_at = time.monotonic()
        await until_connected_again(carrier)
        logger.info("relay over %s: connected after %.2f s", transport, time.monotonic() - plugged_at)
        await assert_goes_on(player, connection_id)
        assert (await connection_stats(carrier, connection_id))["candidate_pair"]["remote"]["port"] in RELAY_PORTS


async def test_after_twenty_seconds_without_a_cable_the_same_session_goes_on(
    page: Page, carrier: Carrier, wired: Network
) -> None:
    player, connection_id = await shown(page)
    await outage(wired, "sidecar", page, 20.0)
    await until_connected_again(carrier)
    await assert_goes_on(player, connection_id)


async def test_a_change_of_address_restarts_ice_in_place(page: Page, carrier: Carrier, wired: Network) -> None:
    await page.evaluate(KEEP_PEERS)
    player, connection_id = await shown(page)
    await wired.move(SIDECAR_ADDRESS, MOVED_ADDRESS)
    try:
        again = await until_connected_again(carrier)
        assert again["generation"] >= 1
        await assert_goes_on(player, connection_id)
        assert (await connection_stats(carrier, connection_id))["reconnections"] == 1
        assert await page.evaluate("peers.map((pc) => pc.connectionState)") == ["connected"]
    finally:
        await wired.move(MOVED_ADDRESS, SIDECAR_ADDRESS)


async def test_a_page_that_cannot_restart_takes_a_new_peer_connection_in_the_same_element(
    page: Page, carrier: Carrier, wired: Network
) -> None:
    await page.evaluate(KEEP_PEERS)
    await page.evaluate(REFUSE_RESTARTS)
    player, connection_id = await shown(page)
    await wired.move(SIDECAR_ADDRESS, MOVED_ADDRESS)
    try:
        again = await until_connected_again(carrier)
        assert again["generation"] == 2
        await page.wait_for_function("peers.length === 2 && peers[0].connectionState === 'closed'")
        await assert_goes_on(player, connection_id)
    finally:
        await wired.move(MOVED_ADDRESS, SIDECAR_ADDRESS)
