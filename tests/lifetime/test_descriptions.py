"""Hostile descriptions for the real process: refused, without a delay for other requests."""

from __future__ import annotations

import asyncio

import pytest

from sidecar.client import CallError, SidecarClient
from sidecar.webrtc.sdp import SdpDescription
from tests.support.peers import Viewer, gather_on_loopback

ANSWER_SECONDS = 15.0
"""For a refusal and a ping on a busy machine; work that grows with the square of 60,000 formats takes minutes."""


@pytest.fixture(autouse=True)
def loopback_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


@pytest.mark.parametrize("count", [4_000, 60_000])
async def test_an_answer_of_thousands_of_formats_is_refused_and_the_connection_comes_up_with_the_right_one(
    count: int, sidecar: SidecarClient
) -> None:
    offer = await sidecar.call("start_camera_webrtc_session", {"device_id": "test:pattern"}, timeout=60)
    viewer = Viewer()
    try:
        answer = await viewer.answer(SdpDescription("offer", offer["sdp"]))
        (media,) = (line for line in answer.splitlines() if line.startswith("m=video"))
        # Without retransmissions every format is a candidate to the end of the list.
        swollen = answer.replace(media, media + f" {media.split()[3]}" * count).replace("rtx/90000", "x/90000")
        refusal = asyncio.create_task(describe(sidecar, offer["connection_id"], swollen))
        pong = asyncio.create_task(sidecar.call("ping", timeout=ANSWER_SECONDS))
        with pytest.raises(CallError) as refused:
            await refusal
        assert refused.value.data is not None
        assert refused.value.data["kind"] == "invalid_sdp"
        assert "more than" in refused.value.message
        await pong
        await describe(sidecar, offer["connection_id"], answer)
        await sidecar.notification("connection_state", lambda event: event["state"] == "connected", timeout=30)
    finally:
        await viewer.close()


async def describe(sidecar: SidecarClient, connection_id: str, sdp: str) -> None:
    """Give the sidecar the answer."""
    params = {"connection_id": connection_id, "description": {"type": "answer", "sdp": sdp}}
    await sidecar.call("set_remote_description", params, timeout=ANSWER_SECONDS)
