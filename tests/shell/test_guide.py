"""The guide's JavaScript, every block as it stands, in the page of the Tauri app.

WebKitGTK has no RTCPeerConnection: the block that makes one fails, and for blocks that use one the remote peer is a
stock aiortc peer outside of the page, as in the guide, where the offer goes to another machine.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from webdriver import WebDriverError, Window

from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import PATIENCE, Viewer, gather_on_loopback
from tests.support.shell_page import call
from tests.support.sidecar_process import ROOT

GUIDE = ROOT / "tests" / "browser" / "guide.fr.md"
BLOCKS = re.findall(r"```javascript\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
PUBLIC_STUN, NO_STUN = "stun:stun.l.google.com:19302", "stun:127.0.0.1:9"  # no packet of a test leaves the machine
START, SET_OFFER, ANSWER, SEND_CANDIDATES, CLOSE, STOP, COMPLETE = [
    block.replace(PUBLIC_STUN, NO_STUN) for block in BLOCKS
]
CANDIDATE = {"candidate": "candidate:1 1 udp 2122260223 127.0.0.1 9 typ host", "sdpMid": "0"}

SHELL_INVOKE = 'const { invoke } = await import("/camera-sidecar/invoke.js");'
TAURI_INVOKE = "const { invoke } = __TAURI_INTERNALS__;"

pytestmark = pytest.mark.timeout(180)

with_either_invoke = pytest.mark.parametrize(
    "given", [SHELL_INVOKE, TAURI_INVOKE], ids=["the shell's invoke", "Tauri's invoke"]
)


async def in_page(window: Window, script: str, *arguments: Any) -> Any:
    """Run a script, while the other pair goes on."""
    return await asyncio.to_thread(window.run, script, *arguments)


@pytest.fixture
async def viewer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Viewer]:
    """The other pair."""
    gather_on_loopback(monkeypatch)
    one = Viewer()
    yield one
    await one.close()


async def sees_pictures(viewer: Viewer) -> None:
    """Wait for the connection, and for some frames."""
    await viewer.until_connected()
    assert viewer.track is not None
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            await viewer.track.recv()


@with_either_invoke
async def test_every_block_runs_as_it_stands_one_after_the_other(window: Window, given: str, viewer: Viewer) -> None:
    started = await in_page(window, f"{given}\n{START}\nreturn {{ sdp_type, sdp, response }};")
    assert started["sdp_type"] == "offer"
    connection_id, session_id = started["response"]["connection_id"], started["response"]["session_id"]
    answer = await viewer.answer(SdpDescription("offer", started["sdp"]))
    await in_page(
        window,
        f"""{given}
        const [connectionId, sdp] = arguments;
        const peerConnection = {{ createAnswer: async () => ({{ type: "answer", sdp }}), setLocalDescription() {{}} }};
        {ANSWER}""",
        connection_id,
        answer,
    )
    await in_page(
        window,
        f"""{given}
        const [connectionId, candidate] = arguments, peerConnection = {{}};
        {SEND_CANDIDATES}
        await peerConnection.onicecandidate({{ candidate }});
        await peerConnection.onicecandidate({{ candidate: null }});""",
        connection_id,
        CANDIDATE,
    )
    await sees_pictures(viewer)
    await in_page(window, f"{given}\nconst connectionId = arguments[0];\n{CLOSE}", connection_id)
    await in_page(window, f"{given}\nconst sessionId = arguments[0];\n{STOP}", session_id)
    stats = await asyncio.to_thread(call, window, "get_stats")
    assert (stats["connections"], stats["cameras"]) == ([], [])


async def test_the_complete_example_streams_to_another_peer(window: Window, viewer: Viewer) -> None:
    # It takes the result apart by place, which only the shell's invoke can give.
    functions = "{ startWebRTCStream, setRemoteAnswer, setupICEHandling, stopWebRTCStream }"
    await in_page(window, f"{SHELL_INVOKE}\n{COMPLETE}\nwindow.guide = {functions};")
    started = await in_page(window, "return guide.startWebRTCStream('camera-0')")
    answer = await viewer.answer(SdpDescription("offer", started["sdp"]))
    await in_page(window, "await guide.setRemoteAnswer(arguments[0])", answer)
    await in_page(
        window,
        """const peerConnection = { connectionState: "connected" };
        await guide.setupICEHandling(peerConnection);
        await peerConnection.onicecandidate({ candidate: arguments[0] });
        await peerConnection.onicecandidate({ candidate: null });
        peerConnection.onconnectionstatechange();""",
        CANDIDATE,
    )
    await sees_pictures(viewer)
    await in_page(window, "await guide.stopWebRTCStream()")
    assert (await asyncio.to_thread(call, window, "get_stats"))["cameras"] == []


@with_either_invoke
def test_the_block_that_needs_webrtc_in_the_page_says_that_there_is_none(window: Window, given: str) -> None:
    block = SET_OFFER.replace("{ iceServers: ... }", "{ iceServers: [] }")
    with pytest.raises(WebDriverError, match="RTCPeerConnection"):
        window.run(f"{given}\nconst sdp_offer = '';\n{block}")


def test_the_shells_result_can_be_taken_apart_both_ways(window: Window) -> None:
    by_name, by_place = window.run(f"""{SHELL_INVOKE}
        const response = await invoke("start_camera_webrtc_session", {{ deviceId: "camera-0", iceServers: [] }});
        const {{ sdp, connection_id }} = response;
        const [sdpData, connId] = response;
        return [[sdp, connection_id], [sdpData.sdp, connId]];""")
    assert by_name == by_place
