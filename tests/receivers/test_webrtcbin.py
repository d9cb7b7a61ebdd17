"""The sidecar's picture in GStreamer's webrtcbin: another ICE, another DTLS, another RTP stack than a browser's."""

from __future__ import annotations

import time
from typing import Any

import peers
import pytest

from sidecar.client import SidecarClient
from tests.support import busy_machine
from tests.support.gstreamer import SIZE, stamp, webrtcbin

WHY_NOT = peers.why_not("webrtcbin")
pytestmark = [pytest.mark.timeout(180), pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")]

DEVICE = "test:pattern"
AT_ONCE = 3.0
"""Seconds: less than a viewer that is only silent is waited for, and far more than a message takes."""

GONE_WITHIN = 14.0
"""Seconds until the camera is released after the loss of a viewer with a silent frontend (docs/guide.md)."""

SLACK = 2 * busy_machine.SLACK
"""Seconds in addition: two processes of this machine take part, each with a decoder or an encoder."""


def check_pictures(pictures: list[dict[str, Any]]) -> None:
    """They are the test pattern's, in order and in motion."""
    stamps = [stamp(picture["strip"]) for picture in pictures]
    assert stamps == sorted(set(stamps))
    # About 10 ms on an idle machine; the check is that all 32 bits were read correctly.
    assert (int(time.time() * 1000) - stamps[-1]) % 2**32 < 60_000


async def test_the_picture_of_an_offer_is_decoded_at_its_size(sidecar: SidecarClient) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.show(DEVICE)
        pictures = await viewer.pictures(30)
        check_pictures(pictures)
        assert {tuple(picture["picture"]) for picture in pictures} == {(SIZE["width"], SIZE["height"])}


async def test_the_picture_of_an_answer_is_decoded(sidecar: SidecarClient) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.offer(DEVICE)
        check_pictures(await viewer.pictures(30))


async def test_thirty_pictures_a_second_arrive(sidecar: SidecarClient) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.show(DEVICE)
        await viewer.pictures(30)
        first, *_, last = [stamp(picture["strip"]) for picture in await viewer.pictures(61)]
        # By the clock in the pictures. A machine that is busy leaves some out; none is added.
        assert 10 < 60_000 / (last - first) < 31


@pytest.mark.parametrize("kind", ["pli", "fir"])
async def test_a_keyframe_comes_when_it_is_asked_for_by(kind: str, sidecar: SidecarClient) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.show(DEVICE)
        await viewer.until("access_unit_with_keyframe")
        await viewer.pictures(30)
        await viewer.say(ask=kind)
        await viewer.until("access_unit_with_keyframe", lambda pictures: bool(pictures >= 30))
        stats = await sidecar.call("get_stats", {"connection_id": viewer.connection_id})
        assert stats["connections"][0][f"{kind}_count"] >= 1


async def test_a_close_is_told_to_the_viewer_at_once(sidecar: SidecarClient) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.show(DEVICE)
        await viewer.pictures(1)
        closed_at = time.monotonic()
        closed = await sidecar.call("close_connection", {"connection_id": viewer.connection_id})
        assert closed["camera_released"]
        await viewer.until("bye")
        assert time.monotonic() - closed_at < AT_ONCE


async def test_a_viewer_that_goes_without_a_dtls_alert_is_noticed_and_its_camera_released(
    sidecar: SidecarClient,
) -> None:
    async with webrtcbin(sidecar) as viewer:
        await viewer.show(DEVICE)
        await viewer.pictures(1)
        await viewer.end()
        gone_at = time.monotonic()
        lost = await sidecar.notification("connection_state", lambda event: event["state"] == "disconnected")
        assert lost["reason"] == "the peer does not answer", "it ends its pipeline and says nothing"
        await sidecar.notification("connection_state", lambda event: event["state"] == "closed", timeout=60)
        assert time.monotonic() - gone_at < GONE_WITHIN + SLACK
        assert (await sidecar.call("get_stats"))["cameras"] == []


@pytest.fixture(autouse=True)
async def _clean(sidecar: SidecarClient) -> None:
    """Import the libraries of the sidecar before the test, because the first call takes seconds."""
    session = await sidecar.call("start_streaming", {"device_id": DEVICE, "format": SIZE}, timeout=60)
    await sidecar.call("stop_streaming", {"session_id": session["session_id"]})
    sidecar.notifications.clear()
