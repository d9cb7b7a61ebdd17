"""The life of a page's tracks in Chromium: lost cameras, new sessions and peers, the page's end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import Pages, needs_chromium
from tests.support.media_page import installed, more_frames, one_sidecar, open_track
from tests.support.player import PATIENCE_MS, WITHOUT_WEBRTC

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

WEBVIEWS = {"with WebRTC": (), "without WebRTC": WITHOUT_WEBRTC}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carrier(sidecar_program: str | None) -> AsyncIterator[Carrier]:
    """One sidecar for all tests; each of them has a page of its own."""
    async with one_sidecar(sidecar_program) as carrier:
        yield carrier


async def opened(pages: Pages, webview: str, video: Any = True) -> Page:
    """A page with a track of the camera, `track`, and a clone of it, which a video shows."""
    page = await installed(await pages.open(), *WEBVIEWS[webview])
    await open_track(page, video)
    return page


async def session(carrier: Carrier) -> dict[str, Any]:
    """The statistics of the newest connection that shows a camera."""
    connections = (await carrier.call("get_stats"))["connections"]
    found: dict[str, Any] = [one for one in connections if one["state"] != "closed" and one["session_id"]][-1]
    return found


async def until_released(carrier: Carrier) -> None:
    """Wait until no camera is open."""
    while await carrier.open_cameras():
        await carrier.wait_for("connection_state", lambda state: state["state"] == "closed")


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_a_lost_camera_mutes_its_tracks_until_it_is_back(pages: Pages, carrier: Carrier, webview: str) -> None:
    page = await opened(pages, webview)
    event = {
        "session_id": (await session(carrier))["session_id"],
        "device_id": "test:pattern",
        "reason": None,
        "hint": None,
    }
    await page.evaluate("deliver", ["camera_state", {**event, "state": "lost"}])
    assert await page.evaluate("[events, track.muted, clone.muted, track.readyState]") == [["mute"], True, True, "live"]
    await page.evaluate("deliver", ["camera_state", {**event, "state": "recovering"}])
    await page.evaluate("deliver", ["camera_state", {**event, "state": "streaming"}])
    assert await page.evaluate("[events, track.muted, clone.muted]") == [["mute", "unmute"], False, False]


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_a_failed_camera_ends_its_tracks(pages: Pages, carrier: Carrier, webview: str) -> None:
    page = await opened(pages, webview)
    event = {
        "session_id": (await session(carrier))["session_id"],
        "device_id": "test:pattern",
        "reason": "gone",
        "hint": None,
    }
    await page.evaluate("deliver", ["camera_state", {**event, "state": "failed"}])
    assert await page.evaluate("[events, track.readyState, clone.readyState]") == [["ended"], "ended", "ended"]
    await until_released(carrier)


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_a_track_outlives_its_session(pages: Pages, carrier: Carrier, webview: str) -> None:
    page = await opened(pages, webview)
    first = (await session(carrier))["connection_id"]
    await page.evaluate("deliver", ["sidecar_state", {"state": "restarting"}])
    await page.evaluate("deliver", ["sidecar_state", {"state": "running"}])
    await page.wait_for_function("events.includes('unmute')", timeout=PATIENCE_MS)
    await more_frames(page)
    assert await page.evaluate("[events, track.readyState, clone.readyState]") == [["mute", "unmute"], "live", "live"]
    assert (await session(carrier))["connection_id"] != first


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_a_sidecar_that_is_not_started_again_ends_the_tracks(
    pages: Pages, carrier: Carrier, webview: str
) -> None:
    page = await opened(pages, webview)
    await page.evaluate("deliver", ["sidecar_state", {"state": "failed"}])
    assert await page.evaluate("[events, track.readyState]") == [["ended"], "ended"]
    await until_released(carrier)


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_the_page_s_end_releases_the_camera(pages: Pages, carrier: Carrier, webview: str) -> None:
    page = await opened(pages, webview)
    # Said, not done: a page that really goes takes the sidecar's notifications to the test with it.
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert await page.evaluate("[track.readyState, clone.readyState]") == ["ended", "ended"]
    await until_released(carrier)


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_a_format_that_another_viewer_sets_is_the_track_s(pages: Pages, carrier: Carrier, webview: str) -> None:
    page = await opened(pages, webview)
    session_id = (await session(carrier))["session_id"]
    await carrier.call("set_format", session_id=session_id, format={"width": 1280, "height": 720, "fps": 20})
    await page.wait_for_function("track.getSettings().width === 1280", timeout=PATIENCE_MS)
    assert await page.evaluate("[track.getSettings().height, track.getSettings().frameRate]") == [720, 20]
    await page.wait_for_function("video.videoWidth === 1280", timeout=PATIENCE_MS)


async def test_an_rtc_peer_connection_of_a_script_is_not_used(pages: Pages, carrier: Carrier) -> None:
    page = await pages.open()
    await page.evaluate("() => { globalThis.RTCPeerConnection = class RTCPeerConnection {}; }")
    await installed(page)
    await open_track(page)
    assert (await session(carrier))["transport"] == "local"


async def test_events_of_cameras_that_come_and_go_reach_both_kinds_of_handlers(pages: Pages) -> None:
    page = await installed(await pages.open())
    await page.evaluate("""() => {
      window.heard = [];
      navigator.mediaDevices.addEventListener("devicechange", () => heard.push("listener"));
      navigator.mediaDevices.ondevicechange = () => heard.push("handler");
    }""")
    await page.evaluate("deliver", ["cameras_changed", {"cameras": [], "added": [], "removed": []}])
    assert sorted(await page.evaluate("heard")) == ["handler", "listener"]
