"""The sidecar's video in other projects' stacks, in either role, beside audio and data channels."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import peers
import pytest
import pytest_asyncio

from sidecar.client import CallError, SidecarClient
from tests.support.gstreamer import PYTHON
from tests.support.sidecar_process import ROOT, sidecar_command
from tests.support.stack_peer import SIZE, StackPeer, stack_peer

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

DEVICE = "test:pattern"
FOLLOWING = 10
"""Frames after the keyframe that have to arrive."""

FOLDER = ROOT / "tests" / "receivers"
NODE = shutil.which("node") or "node"
COMMANDS = {
    "webrtcbin": [PYTHON, str(FOLDER / "webrtcbin.py")],
    "pion": [os.environ.get(peers.PION, "pion")],
    "aiortc": [sys.executable, str(FOLDER / "aiortc_peer.py")],
    "libdatachannel": [NODE, str(FOLDER / "libdatachannel.mjs")],
    "werift": [NODE, str(FOLDER / "werift.mjs")],
}
MEDIA = ("video", "audio,video", "video,data", "audio,video,data", "data,video", "video,audio", "video,video")
ANSWERING_MEDIA = {"aiortc": ("video",), "libdatachannel": ("video",)}
"""Media that an answerer has prepared, although an answer has the offer's one section; these two cannot do that."""

POLICIES = {
    "webrtcbin": ("max-bundle", "none", "balanced"),
    "aiortc": ("max-bundle", "balanced", "max-compat"),
    "werift": ("max-bundle", "disable", "max-compat"),
}
"""Bundle policies beside the stack's only one; the first is the one for every medium."""


@dataclass(frozen=True)
class Case:
    """One row of the table in docs/peers.md."""

    peer: str
    role: str
    media: str
    policy: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.peer, self.role, self.media.replace(",", "+"), self.policy)))


def cases() -> list[Case]:
    """Return every combination that makes another description."""
    answers = [
        Case(peer, "answerer", media)
        for peer in COMMANDS
        for media in ANSWERING_MEDIA.get(peer, ("video", "audio,video,data"))
    ]
    offers = [Case(peer, "offerer", media) for peer, media in itertools.product(COMMANDS, MEDIA)]
    policies = [
        Case(peer, "offerer", media, policy)
        for peer, names in POLICIES.items()
        for policy, media in itertools.product(names[1:], ("audio,video", "video,data"))
    ]
    return [*answers, *offers, *policies]


def command(peer: str, media: str, policy: str = "", codec: str = "H264") -> list[str]:
    """Return the command line of a peer; skips the test when the peer is not installed."""
    reason = peers.why_not(peer)
    if reason is not None:
        pytest.skip(reason)
    chosen = policy or POLICIES.get(peer, ("",))[0]
    policies = ["--policy", chosen] if chosen else []
    return [*COMMANDS[peer], "--media", media, "--codec", codec, *policies]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_sidecar(sidecar_program: str | None) -> AsyncIterator[SidecarClient]:
    """One sidecar for all tests, as its first call takes seconds."""
    async with SidecarClient.start(sidecar_command(sidecar_program), cwd=str(ROOT)) as client:
        await client.notification("ready", timeout=30)
        session = await client.call("start_streaming", {"device_id": DEVICE, "format": SIZE}, timeout=60)
        yield client
        await client.call("stop_streaming", {"session_id": session["session_id"]})


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_a_keyframe_and_the_frames_after_it_arrive(case: Case, running_sidecar: SidecarClient) -> None:
    running_sidecar.notifications.clear()
    async with stack_peer(command(case.peer, case.media, case.policy), running_sidecar) as viewer:
        await (viewer.offer if case.role == "offerer" else viewer.show)(DEVICE)
        frames = [await next_frame(viewer) for _ in range(1 + FOLLOWING)]
        assert frames[0]["keyframe"]
        assert len({frame["frame"] for frame in frames}) == len(frames)
        states = await running_sidecar.call("get_connection_state", {"connection_id": viewer.connection_id})
        assert states["connection_state"] == "connected"
        await running_sidecar.call("close_connection", {"connection_id": viewer.connection_id})


async def next_frame(viewer: StackPeer) -> dict[str, Any]:
    """Return the next frame of the video."""
    return await viewer.until("frame")


@pytest.mark.parametrize(
    ("peer", "role"),
    # The others answer an offer of H.264 although they were not told of it, or fail by themselves.
    [("pion", "answerer"), *((peer, "offerer") for peer in ("pion", "aiortc", "libdatachannel", "werift"))],
)
async def test_a_peer_without_h264_is_told_so(peer: str, role: str, running_sidecar: SidecarClient) -> None:
    async with stack_peer(command(peer, "audio,video", codec="VP8"), running_sidecar) as viewer:
        with pytest.raises(CallError) as refused:
            await (viewer.offer if role == "offerer" else viewer.show)(DEVICE)
        assert refused.value.data is not None
        assert refused.value.data["kind"] == "invalid_sdp"
        assert "no H.264" in refused.value.message
        assert "Firefox" in refused.value.data["hint"]
        await running_sidecar.call("close_connection", {"connection_id": viewer.connection_id})
