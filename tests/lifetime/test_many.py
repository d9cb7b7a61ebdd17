"""Many cameras, many viewers, and every limit, with the real process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from sidecar.client import CallError, SidecarClient
from sidecar.connections.policy import ConnectionPolicy
from sidecar.rpc.dispatcher import MAX_IN_FLIGHT
from sidecar.streams.policy import StreamPolicy
from sidecar.webrtc.sdp import MAX_CANDIDATES
from tests.conftest import StartSidecar
from tests.support.many_viewers import PATIENCE, watching
from tests.support.peers import gather_on_loopback

MAX_CONNECTIONS = ConnectionPolicy().max_connections
MAX_CAMERAS, MAX_SESSIONS = StreamPolicy().max_cameras, StreamPolicy().max_sessions

TINY = {"width": 160, "height": 90, "fps": 10}
"""Pictures that take little time to encode: the tests are about the number of cameras, viewers and connections."""

pytestmark = pytest.mark.timeout(180)  # 32 handshakes on a machine that does other things as well


@pytest.fixture(autouse=True)
def loopback_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    gather_on_loopback(monkeypatch)


@pytest.fixture
async def client(start_sidecar: StartSidecar) -> AsyncIterator[SidecarClient]:
    async with start_sidecar("--log-level", "warning") as client:
        yield client


def patterns(count: int) -> list[str]:
    """So many cameras."""
    return ["test:pattern", *(f"test:pattern-{number}" for number in range(2, count + 1))]


async def test_eight_cameras_show_in_eight_connections(client: SidecarClient) -> None:
    async with watching(client, patterns(8), format=TINY) as viewers:
        await asyncio.gather(*(viewer.more_frames(20) for viewer in viewers))
        stats = await client.call("get_stats")
        assert sorted(camera["device_id"] for camera in stats["cameras"]) == sorted(patterns(8))
        assert [camera["viewers"] for camera in stats["cameras"]] == [1] * 8
    assert (await client.call("get_stats"))["cameras"] == []


async def test_one_camera_shows_in_thirty_two_connections_and_is_encoded_once(client: SidecarClient) -> None:
    async with watching(client, ["test:pattern"] * 32, format=TINY) as viewers:
        await asyncio.gather(*(viewer.more_frames(20) for viewer in viewers))
        stats = await client.call("get_stats")
        (camera,) = stats["cameras"]
        assert (camera["viewers"], camera["reduced"]) == (32, None)
        assert len(stats["connections"]) == 32
        assert {connection["encoding"] for connection in stats["connections"]} == {"full"}
        assert camera["frames_encoded"] <= camera["frames_captured"] + camera["keyframes_encoded"]
    assert (await client.call("get_stats"))["cameras"] == []


async def test_one_that_leaves_does_not_touch_the_other_thirty_one(client: SidecarClient) -> None:
    async with watching(client, ["test:pattern"] * 32, format=TINY) as viewers:
        await asyncio.gather(*(viewer.more_frames(5) for viewer in viewers))
        gone, *others = viewers
        await client.call("close_connection", {"connection_id": gone.connection_id}, timeout=PATIENCE)
        await asyncio.gather(*(viewer.more_frames(10) for viewer in others))
        (camera,) = (await client.call("get_stats"))["cameras"]
        assert camera["viewers"] == 31


async def refused(client: SidecarClient, method: str, **params: object) -> dict[str, object]:
    """Return the details of the error for an exceeded limit."""
    with pytest.raises(CallError) as error:
        await client.call(method, params, timeout=PATIENCE)
    assert (error.value.code, error.value.data["kind"]) == (1301, "limit_exceeded")
    assert error.value.data["hint"]
    details: dict[str, object] = error.value.data["details"]
    return details


async def test_more_cameras_than_the_limit_are_refused(client: SidecarClient) -> None:
    opened = [
        await client.call("start_streaming", {"device_id": device_id, "format": TINY}, timeout=PATIENCE)
        for device_id in patterns(MAX_CAMERAS)
    ]
    further = f"test:pattern-{MAX_CAMERAS + 1}"
    assert await refused(client, "start_streaming", device_id=further) == {
        "limit": "cameras",
        "maximum": MAX_CAMERAS,
    }
    await client.call("stop_streaming", {"session_id": opened[0]["session_id"]}, timeout=PATIENCE)
    await client.call("start_streaming", {"device_id": further, "format": TINY}, timeout=PATIENCE)


async def test_more_sessions_than_the_limit_are_refused(client: SidecarClient) -> None:
    params = {"device_id": "test:pattern", "format": TINY}
    for _ in range(MAX_SESSIONS):
        await client.call("start_streaming", params, timeout=PATIENCE)
    assert await refused(client, "start_streaming", **params) == {
        "limit": "sessions",
        "maximum": MAX_SESSIONS,
    }
    assert (await client.call("get_stats"))["cameras"][0]["state"] in ("opening", "streaming")


async def test_more_connections_than_the_limit_are_refused_and_one_that_is_closed_makes_room(
    client: SidecarClient,
) -> None:
    made = [await client.call("create_peer_connection") for _ in range(MAX_CONNECTIONS)]
    for method in ("create_peer_connection", "create_offer"):
        assert await refused(client, method) == {"limit": "connections", "maximum": MAX_CONNECTIONS}
    await client.call("close_connection", made[0], timeout=PATIENCE)
    await client.call("create_peer_connection")


async def test_more_remote_candidates_than_the_limit_are_refused(client: SidecarClient) -> None:
    made = await client.call("create_offer")
    params = {"connection_id": made["connection_id"]}

    def candidate(number: int) -> dict[str, str]:
        return {"candidate": f"candidate:1 1 udp 1 10.0.0.1 {1024 + number} typ host", "sdpMid": "0"}

    for number in range(MAX_CANDIDATES):
        await client.call("add_ice_candidate", {**params, "candidate": candidate(number)})
    details = await refused(client, "add_ice_candidate", **params, candidate=candidate(MAX_CANDIDATES))
    assert details == {"limit": "remote_candidates", "maximum": MAX_CANDIDATES}


async def test_more_requests_at_once_than_the_limit_are_refused(start_sidecar: StartSidecar) -> None:
    """A camera that does not answer keeps its requests waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/"
        async with start_sidecar("--allow-source", f"{address}*") as client:
            await fill_and_ask(client, f"{address}camera")


async def fill_and_ask(client: SidecarClient, device_id: str) -> None:
    """As many requests as may wait for the camera, and one more."""
    params = {"device_id": device_id, "format": TINY}
    waiting = [
        asyncio.create_task(client.call("start_streaming", params, timeout=PATIENCE)) for _ in range(MAX_IN_FLIGHT)
    ]
    await client.notification("camera_state", lambda event: event["state"] == "opening")
    details = await refused(client, "start_streaming", **params)
    assert details == {"limit": "requests_in_flight", "maximum": MAX_IN_FLIGHT}
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
