"""Chromium's offers and answers: with audio and data channels, under each bundle policy, with simulcast."""

from __future__ import annotations

import itertools

import pytest
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.viewer import Viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

DEVICE = "test:pattern"
POLICIES = ("balanced", "max-compat", "max-bundle")
MEDIA = (
    ("video",),
    ("audio", "video"),
    ("video", "data"),
    ("audio", "video", "data"),
    ("data", "video", "audio"),
    ("video", "video", "audio"),
)


async def check_picture(viewer: Viewer, carrier: Carrier) -> None:
    """Frames arrive and are decoded, and the connection is closed then."""
    await viewer.frames(10)
    connection_id = await viewer.get("connectionId")
    states = await carrier.call("get_connection_state", connection_id=connection_id)
    assert states["connection_state"] == "connected"
    assert await viewer.handle.evaluate("({ peer }) => peer.connectionState") == "connected"
    await viewer.close()


@pytest.mark.parametrize("policy", POLICIES)
async def test_each_offer_of_a_policy_gets_its_picture(policy: str, page: Page, carrier: Carrier) -> None:
    for media, camera_first in zip(MEDIA, itertools.cycle((True, False)), strict=False):
        viewer = await Viewer.open(page, {"bundlePolicy": policy})
        await viewer.do("offer", DEVICE, {"cameraFirst": camera_first, "media": media})
        await check_picture(viewer, carrier)


@pytest.mark.parametrize("policy", POLICIES)
async def test_an_answerer_that_has_audio_and_data_gets_its_picture(policy: str, page: Page, carrier: Carrier) -> None:
    viewer = await Viewer.open(page, {"bundlePolicy": policy})
    await viewer.do("addMedia", ["audio", "data"])
    await viewer.show(DEVICE)
    await check_picture(viewer, carrier)


async def test_an_offer_of_simulcast_gets_its_picture_and_no_simulcast(page: Page, carrier: Carrier) -> None:
    viewer = await Viewer.open(page)
    await viewer.do("offer", DEVICE, {"cameraFirst": True, "media": ["audio", "video"], "simulcast": True})
    answer = await viewer.handle.evaluate("({ peer }) => peer.remoteDescription.sdp")
    assert "a=simulcast" not in answer
    assert "a=rid" not in answer
    await check_picture(viewer, carrier)


ANSWER = """async (viewer, sdp) => {
  await viewer.peer.setRemoteDescription({ type: "offer", sdp });
  await viewer.peer.setLocalDescription();
  return viewer.peer.localDescription.sdp;
}"""
RESTART = """async (viewer) => {
  viewer.peer.restartIce();
  await viewer.peer.setLocalDescription();
  return viewer.peer.localDescription.sdp;
}"""
TWO_VIDEOS = """({ peer }) => {
  for (const direction of ["inactive", "recvonly"]) peer.addTransceiver("video", { direction });
}"""
RECEIVE_BOTH = """async ({ peer }) => {
  peer.getTransceivers()[0].direction = "recvonly";
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
}"""
TAKE_ANSWER = "(viewer, sdp) => viewer.peer.setRemoteDescription({ type: 'answer', sdp })"


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_restart_of_either_side_keeps_the_sections_and_the_picture(
    policy: str, page: Page, carrier: Carrier
) -> None:
    viewer = await Viewer.open(page, {"bundlePolicy": policy})
    await viewer.do("offer", DEVICE, {"cameraFirst": True, "media": ["audio", "video", "data"]})
    await viewer.frames(5)
    connection = {"connection_id": await viewer.get("connectionId")}

    offer = await carrier.call("create_offer", **connection, ice_restart=True)
    answer = await viewer.handle.evaluate(ANSWER, offer["sdp"])
    await carrier.call("set_remote_description", **connection, description={"type": "answer", "sdp": answer})
    await viewer.frames(5)

    restart = await viewer.handle.evaluate(RESTART)
    await carrier.call("set_remote_description", **connection, description={"type": "offer", "sdp": restart})
    answered = await carrier.call("create_answer", **connection)
    await viewer.handle.evaluate(TAKE_ANSWER, answered["sdp"])
    await check_picture(viewer, carrier)


async def test_a_viewer_may_offer_audio_later(page: Page, carrier: Carrier) -> None:
    viewer = await Viewer.open(page)
    await viewer.do("offer", DEVICE, {"cameraFirst": True, "media": ["video"]})
    await viewer.frames(5)
    connection = {"connection_id": await viewer.get("connectionId")}
    await viewer.do("addMedia", ["audio", "data"])
    later = await viewer.handle.evaluate(RESTART)
    await carrier.call("set_remote_description", **connection, description={"type": "offer", "sdp": later})
    answered = await carrier.call("create_answer", **connection)
    assert answered["sdp"].count("m=") == 3
    await viewer.handle.evaluate(TAKE_ANSWER, answered["sdp"])
    await check_picture(viewer, carrier)


@pytest.mark.parametrize("policy", POLICIES)
async def test_an_earlier_video_that_receives_later_leaves_the_picture_where_it_is(
    policy: str, page: Page, carrier: Carrier
) -> None:
    viewer = await Viewer.open(page, {"bundlePolicy": policy})
    await viewer.handle.evaluate(TWO_VIDEOS)
    await viewer.do("offer", DEVICE, {"cameraFirst": True, "media": []})
    await viewer.frames(5)
    connection = {"connection_id": await viewer.get("connectionId")}
    later = await viewer.handle.evaluate(RECEIVE_BOTH)
    await carrier.call("set_remote_description", **connection, description={"type": "offer", "sdp": later})
    answered = await carrier.call("create_answer", **connection)
    await viewer.handle.evaluate(TAKE_ANSWER, answered["sdp"])
    await check_picture(viewer, carrier)
