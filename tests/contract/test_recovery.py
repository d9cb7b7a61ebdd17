"""The notifications about a lost viewer, within the times of the contract."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sidecar.client import SidecarClient
from sidecar.webrtc.sdp import SdpDescription
from tests.conftest import StartSidecar
from tests.support.busy_machine import SLACK
from tests.support.contract_schemas import check_notification
from tests.support.peers import gather_on_loopback
from tests.support.restarting_viewer import RestartingViewer

NOTICED_WITHIN = 3.0
"""Seconds until the loss of a viewer is noticed, by the contract."""


@pytest.fixture(autouse=True)
def loopback_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


async def connected(client: SidecarClient, viewer: RestartingViewer) -> str:
    """Show the test picture to a viewer; the connection's id."""
    wanted = {"device_id": "test:pattern", "format": {"width": 320, "height": 180}}
    offer = await client.call("start_camera_webrtc_session", wanted)
    connection_id: str = offer["connection_id"]
    answer = await viewer.answer(SdpDescription("offer", offer["sdp"]))
    await answered(client, connection_id, answer)
    await state(client, "connected")
    await viewer.until_connected()
    return connection_id


async def answered(client: SidecarClient, connection_id: str, sdp: str, **more: int) -> None:
    description = {"type": "answer", "sdp": sdp}
    await client.call("set_remote_description", {"connection_id": connection_id, "description": description, **more})


async def state(client: SidecarClient, wanted: str, timeout: float = 10.0) -> dict[str, Any]:
    return await client.notification("connection_state", lambda params: params["state"] == wanted, timeout=timeout)


async def test_a_lost_viewer_is_noticed_and_offered_another_way_which_it_takes(start_sidecar: StartSidecar) -> None:
    viewer = RestartingViewer()
    async with start_sidecar() as client:
        connection_id = await connected(client, viewer)
        with viewer.cut():
            cut_at = time.monotonic()
            await state(client, "disconnected")
            assert time.monotonic() - cut_at < NOTICED_WITHIN + SLACK
            offer = await client.notification("renegotiation_offer", timeout=10)
            check_notification({"jsonrpc": "2.0", "method": "renegotiation_offer", "params": offer})
            assert (offer["connection_id"], offer["generation"], offer["replaces_peer"]) == (connection_id, 1, False)
            answer = await viewer.answer_restart(SdpDescription("offer", offer["sdp"]))
            await answered(client, connection_id, answer, generation=offer["generation"])
            assert (await state(client, "connected"))["generation"] == 1
        (stats,) = (await client.call("get_stats"))["connections"]
        assert stats["reconnections"] == 1
    await viewer.close()


async def test_the_command_line_says_how_long_a_viewer_is_looked_for(start_sidecar: StartSidecar) -> None:
    viewer = RestartingViewer()
    async with start_sidecar("--reconnect-answer-timeout", "0.5") as client:
        await connected(client, viewer)
        with viewer.cut():
            cut_at = time.monotonic()
            assert "within 0.5 s" in (await state(client, "failed"))["reason"]
            await state(client, "closed")
            assert time.monotonic() - cut_at < NOTICED_WITHIN + 0.3 + 0.5 + SLACK
        assert (await client.call("get_stats"))["cameras"] == []
    await viewer.close()
