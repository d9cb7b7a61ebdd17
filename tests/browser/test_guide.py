"""The guide's JavaScript, every block as it stands, in a browser as people have it: addresses hidden behind mDNS names.

All of it in a network of the test's own, where the guide's public STUN server is one of ours.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import JSHandle, Page

from tests.support.carrier import PATIENCE, Carrier
from tests.support.chromium import needs_chromium
from tests.support.namespaces import needs_namespaces
from tests.support.stun_servers import StunResponder
from tests.support.viewer import Viewer

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

GUIDE = Path(__file__).parent / "guide.fr.md"
BLOCKS = re.findall(r"```javascript\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
START, SET_OFFER, ANSWER, SEND_CANDIDATES, CLOSE, STOP, COMPLETE = BLOCKS
ICE_SERVERS = '[{ urls: ["stun:stun.l.google.com:19302"] }]'

# The reader's addition to the complete example: the remote peer, here the page itself.
WHOLE_FLOW = """async ({ startWebRTCStream, setRemoteAnswer, setupICEHandling }) => {
  const viewer = new Viewer({ iceServers: ICE_SERVERS });
  const { sdp, connectionId } = await startWebRTCStream("camera-0");
  viewer.connectionId = connectionId;
  viewer.hear();
  await setupICEHandling(viewer.peer);
  await viewer.peer.setRemoteDescription({ type: "offer", sdp });
  const answer = await viewer.peer.createAnswer();
  await viewer.peer.setLocalDescription(answer);
  await setRemoteAnswer(answer.sdp);
  return viewer;
}""".replace("ICE_SERVERS", ICE_SERVERS)


async def run(page: Page, source: str, wanted: str = "", **given: Any) -> JSHandle:
    """Run a block with the names that it needs; the names of it that are `wanted`."""
    # `invoke` is the product's.
    return await page.evaluate_handle(
        "block => runBlock({ ...block, given: { invoke, ...block.given } })",
        {"source": source, "given": given, "wanted": wanted.split()},
    )


async def part(handle: JSHandle, name: str) -> Any:
    """A member of an object in the page."""
    return await (await handle.get_property(name)).json_value()


async def test_every_block_runs_as_it_stands_one_after_the_other(
    hidden_page: Page, hidden_carrier: Carrier, stun: StunResponder
) -> None:
    started = await run(hidden_page, START, "response sdp_type sdp connection_id")
    assert await part(started, "sdp_type") == "offer"
    connection_id = await part(started, "connection_id")
    session_id = (await part(started, "response"))["session_id"]
    offered = await run(
        hidden_page,
        SET_OFFER.replace("{ iceServers: ... }", f"{{ iceServers: {ICE_SERVERS} }}"),
        "peerConnection",
        sdp_offer=await part(started, "sdp"),
    )
    peer = await offered.get_property("peerConnection")
    viewer = Viewer(await hidden_page.evaluate_handle("peer => new Viewer(peer)", peer))
    await run(hidden_page, ANSWER, peerConnection=peer, connectionId=connection_id)
    await run(hidden_page, SEND_CANDIDATES, peerConnection=peer, connectionId=connection_id)
    await hidden_carrier.state(connection_id, "connected")
    await viewer.frames()
    await run(hidden_page, CLOSE, connectionId=connection_id)
    await hidden_carrier.state(connection_id, "closed")
    await run(hidden_page, STOP, sessionId=session_id)
    assert await hidden_carrier.open_cameras() == set()
    async with asyncio.timeout(PATIENCE):
        await stun.until_asked_by(2)  # the sidecar and the browser


@pytest.mark.usefixtures("stun")
async def test_the_complete_example_connects_two_sides_and_the_picture_moves(
    hidden_page: Page, hidden_carrier: Carrier, clip: Path
) -> None:
    functions = await run(hidden_page, COMPLETE, "startWebRTCStream setRemoteAnswer setupICEHandling stopWebRTCStream")
    viewer = Viewer(await functions.evaluate_handle(WHOLE_FLOW))
    await viewer.frames(10)
    assert await viewer.size() == (320, 180)
    assert await hidden_carrier.open_cameras() == {f"file:{clip}"}
    await functions.evaluate("({ stopWebRTCStream }) => stopWebRTCStream()")
    await hidden_carrier.state(await viewer.get("connectionId"), "closed")
    assert await hidden_carrier.open_cameras() == set()


async def test_the_result_can_be_taken_apart_both_ways(hidden_page: Page) -> None:
    by_name, by_place = await hidden_page.evaluate(
        """async () => {
          const response = await invoke("start_camera_webrtc_session", { deviceId: "camera-0", iceServers: [] });
          const { sdp_type, sdp, connection_id } = response;
          const [sdpData, connId] = response;
          return [{ type: sdp_type, sdp, id: connection_id }, { type: sdpData.type, sdp: sdpData.sdp, id: connId }];
        }"""
    )
    assert by_name == by_place
    assert by_name["type"] == "offer"


async def test_browsers_leave_the_guide_s_sdp_mline_index_undefined(hidden_page: Page) -> None:
    viewer = await Viewer.open(hidden_page)
    await viewer.do("prepare", {"deviceId": "test:pattern"})
    candidate = (await viewer.get("found"))[0]
    assert set(candidate) >= {"sdpMid", "sdpMLineIndex"}
    assert "sdpMlineIndex" not in candidate
