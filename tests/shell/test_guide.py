"""The guide's JavaScript in the page of the Tauri app, as far as a webview without WebRTC can run it."""

from __future__ import annotations

import re

import pytest
from webdriver import Window

from tests.support.shell_page import call
from tests.support.sidecar_process import ROOT

pytestmark = pytest.mark.timeout(180)

GUIDE = ROOT / "tests" / "browser" / "guide.fr.md"
BLOCKS = re.findall(r"```javascript\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
START, _, _, SEND_CANDIDATES, CLOSE, STOP, _ = BLOCKS
PUBLIC_STUN, NO_STUN = "stun:stun.l.google.com:19302", "stun:127.0.0.1:9"  # nothing of a test leaves the machine

SHELL_INVOKE = 'const { invoke } = await import("/invoke.js");'
TAURI_INVOKE = "const { invoke } = __TAURI__.core;"


@pytest.mark.parametrize("given", [SHELL_INVOKE, TAURI_INVOKE], ids=["the shell's invoke", "Tauri's invoke"])
def test_the_guides_blocks_run_as_they_stand(window: Window, given: str) -> None:
    started = window.run(f"{given}\n{START.replace(PUBLIC_STUN, NO_STUN)}\nreturn {{ sdp_type, sdp, response }};")
    assert started["sdp_type"] == "offer"
    assert started["sdp"].startswith("v=0")
    connection_id, session_id = started["response"]["connection_id"], started["response"]["session_id"]
    heard = window.run(
        f"""{given}
        const connectionId = arguments[0], peerConnection = {{}};
        {SEND_CANDIDATES}
        const candidate = "candidate:1 1 udp 2122260223 127.0.0.1 9 typ host";
        return await peerConnection.onicecandidate({{ candidate: {{ candidate, sdpMid: "0" }} }});""",
        connection_id,
    )
    assert heard is None
    window.run(f"{given}\nconst connectionId = arguments[0];\n{CLOSE}", connection_id)
    window.run(f"{given}\nconst sessionId = arguments[0];\n{STOP}", session_id)
    assert call(window, "get_stats")["connections"] == []


def test_the_shells_result_can_be_taken_apart_both_ways(window: Window) -> None:
    by_name, by_place = window.run(f"""{SHELL_INVOKE}
        const response = await invoke("start_camera_webrtc_session", {{ deviceId: "camera-0", iceServers: [] }});
        const {{ sdp, connection_id }} = response;
        const [sdpData, connId] = response;
        return [[sdp, connection_id], [sdpData.sdp, connId]];""")
    assert by_name == by_place
