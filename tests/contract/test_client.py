"""The typed client, held against the real process."""

from __future__ import annotations

import pytest

from sidecar.client import CallError, SidecarClient
from sidecar.contract.events import CameraStateEvent
from sidecar.contract.methods import GetStatsParams, SessionParams, SetEncodingParams, StartStreamingParams
from sidecar.contract.types import RequestedFormat


async def test_a_session_is_driven_by_typed_calls(sidecar: SidecarClient) -> None:
    wanted = StartStreamingParams(device_id="test:pattern", format=RequestedFormat(width=320, height=180))
    session = await sidecar.calls.start_streaming(wanted)
    assert (session.format.width, session.format.height) == (320, 180)
    streaming = await sidecar.event(CameraStateEvent, lambda event: event.state == "streaming")
    assert streaming.session_id == session.session_id
    changed = await sidecar.calls.set_encoding(SetEncodingParams(session_id=session.session_id, bitrate=300_000))
    assert changed.bitrate == 300_000
    (camera,) = (await sidecar.calls.get_stats()).cameras
    assert camera.device_id == session.device_id
    stopped = await sidecar.calls.stop_streaming(SessionParams(session_id=session.session_id))
    assert stopped.camera_released


async def test_an_error_of_the_contract_is_raised_with_its_kind(sidecar: SidecarClient) -> None:
    with pytest.raises(CallError) as caught:
        await sidecar.calls.get_stats(GetStatsParams(connection_id="none"))
    assert (caught.value.code, caught.value.data["kind"]) == (1101, "connection_not_found")
