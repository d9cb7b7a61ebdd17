"""STUN and TURN with a real server: its candidates arrive in the page, and the picture passes through its relay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.coturn import CREDENTIAL, RELAY_PORTS, USERNAME, Coturn, coturn, needs_coturn
from tests.support.stun_servers import MAPPED_ADDRESS, stun_server
from tests.support.viewer import Viewer

pytestmark = [needs_chromium, needs_coturn, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

# The candidates that arrive in the page for a session without an answer, up to the end of candidates.
TRICKLED = """async (params) => {
  const events = [];
  const ended = new Promise((resolve) => {
    listen("ice_candidate", (event) => {
      events.push(event);
      if (event.candidate === null) resolve();
    });
  });
  const { connection_id: started } = await invoke("start_camera_webrtc_session", params);
  await ended;
  return events.filter((event) => event.connection_id === started).map((event) => event.candidate);
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def turn_server(tmp_path: Path) -> AsyncIterator[Coturn]:
    async with coturn(tmp_path) as server:
        yield server


def ice_server(server: Coturn, transport: str = "udp") -> dict[str, str]:
    """A W3C RTCIceServer."""
    url = f"turn:127.0.0.1:{server.port}?transport={transport}"
    return {"urls": url, "username": USERNAME, "credential": CREDENTIAL}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_page_that_may_only_use_its_relay_shows_the_picture(
    page: Page, carrier: Carrier, turn_server: Coturn, transport: str
) -> None:
    configuration = {"iceServers": [ice_server(turn_server, transport)], "iceTransportPolicy": "relay"}
    viewer = await Viewer.open(page, configuration)
    await viewer.show("test:pattern")
    await viewer.frames(10)
    pair = await viewer.do("selectedPair")
    assert (pair["local"]["candidateType"], pair["local"]["relayProtocol"]) == ("relay", transport)
    (connection,) = (await carrier.call("get_stats"))["connections"]
    assert connection["candidate_pair"]["remote"]["port"] in RELAY_PORTS


async def test_the_sidecar_s_candidates_of_both_servers_arrive_in_the_page(page: Page, turn_server: Coturn) -> None:
    async with stun_server() as port:
        servers = [{"urls": f"stun:127.0.0.1:{port}"}, ice_server(turn_server)]
        candidates = await page.evaluate(TRICKLED, {"deviceId": "test:pattern", "iceServers": servers})
    assert candidates[-1] is None
    words = [candidate["candidate"].split() for candidate in candidates[:-1]]
    assert {(line[7], line[4]) for line in words} == {("srflx", MAPPED_ADDRESS), ("relay", "127.0.0.1")}
    assert all((candidate["sdpMid"], candidate["sdpMLineIndex"]) == ("0", 0) for candidate in candidates[:-1])
