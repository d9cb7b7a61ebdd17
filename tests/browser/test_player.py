"""The player, over WebRTC and without it: same picture, same states, same figures."""

from __future__ import annotations

import asyncio
import logging
import re
import statistics

import pytest
from playwright.async_api import Page, WebSocketRoute

from tests.support.carrier import Carrier
from tests.support.chromium import Pages, needs_chromium
from tests.support.player import ONLY_JPEG, WITHOUT_WEBRTC, hide, show_camera

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

logger = logging.getLogger(__name__)

LOCAL_STREAMS = re.compile(r"^ws://127\.0\.0\.1:")
LATEST_MS = 10_000  # on a machine that is busy
SLOWEST_FPS = 10.0  # the same; 30 where it is not

# The APIs of a webview, with the transport and the codec of its picture.
WEBVIEWS = {
    "with WebRTC": ((), "webrtc", "h264"),
    "with WebCodecs": (WITHOUT_WEBRTC, "local", "h264"),
    "with neither": (ONLY_JPEG, "local", "jpeg"),
}

BROKEN_DECODERS = {
    "refuses its configuration": "configure() { throw new DOMException('no', 'NotSupportedError'); }",
    "fails on the first picture": "configure() {} decode() { this.error(new DOMException('no', 'EncodingError')); }",
    "gives no picture": "configure() {} decode() {}",
}


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_the_test_picture_moves_and_carries_the_time(page: Page, webview: str) -> None:
    missing, transport, codec = WEBVIEWS[webview]
    await hide(page, *missing)
    player = await show_camera(page)
    assert await player.get("[view.transport, view.width, view.height]") == [transport, 640, 360]
    assert await player.get("view.element.tagName") == ("VIDEO" if transport == "webrtc" else "CANVAS")
    latencies = await player.latencies(30)
    rate = await player.frame_rate(30)
    for name, value in [("latency p50", statistics.median(latencies)), ("fps", rate)]:
        logger.info("%s: %s %.1f", webview, name, value)
    assert all(0 <= latency < LATEST_MS for latency in latencies)
    assert rate > SLOWEST_FPS
    assert await player.get("view.codec") == codec


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_figures_come_from_both_ends(page: Page, webview: str) -> None:
    await hide(page, *WEBVIEWS[webview][0])
    player = await show_camera(page)
    await player.get("view.stats()")
    await player.frame_rate(30)
    stats = await player.get("view.stats()")
    assert stats["rates"]["fps"] > 0
    assert stats["rates"]["bitrate"] > 0
    assert stats["rates"]["lossRatio"] == 0
    assert stats["camera"]["device_id"] == "test:pattern"
    assert stats["connection"]["state"] == "connected"
    assert stats["connection"]["time_to_first_frame_ms"] > 0
    if webview != "with neither":  # the sidecar does not time the way of a JPEG picture to its encoder
        assert [step["label"] for step in stats["steps"] if step["p50"] is None] == []
        assert stats["estimatedLatencyMs"] > 0


@pytest.mark.parametrize("decoder", BROKEN_DECODERS)
async def test_a_decoder_that_does_not_work_is_replaced_by_jpeg(page: Page, carrier: Carrier, decoder: str) -> None:
    await hide(page, *WITHOUT_WEBRTC)
    await page.evaluate(
        """methods => {
          globalThis.VideoDecoder = new Function(`return class {
            state = "configured"; decodeQueueSize = 0;
            constructor({ error }) { this.error = error; }
            close() {}
            ${methods}
          }`)();
        }""",
        BROKEN_DECODERS[decoder],
    )
    player = await show_camera(page)
    assert all(latency < LATEST_MS for latency in await player.latencies(3))
    (camera,) = (await carrier.call("get_stats"))["cameras"]
    await player.frame_rate(5)
    (later,) = (await carrier.call("get_stats"))["cameras"]
    assert later["frames_encoded"] == camera["frames_encoded"], "no H.264 is made for nobody"


async def test_viewers_of_either_kind_share_the_camera(pages: Pages, carrier: Carrier) -> None:
    plain, without = await pages.open(), await pages.open()
    await hide(without, *WITHOUT_WEBRTC)
    players = [await show_camera(plain), await show_camera(without), await show_camera(without)]
    before = (await carrier.call("get_stats"))["cameras"][0]
    await asyncio.gather(*(player.frame_rate(20) for player in players))
    after = (await carrier.call("get_stats"))["cameras"][0]
    assert after["viewers"] == 3
    encoded = after["frames_encoded"] - before["frames_encoded"]
    assert 0 < encoded <= after["frames_captured"] - before["frames_captured"] + 1
    await players[1].get("view.stop()")
    await asyncio.gather(*(players[number].frame_rate(5) for number in (0, 2)))


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_stop_releases_the_camera_and_leaves_the_page(page: Page, carrier: Carrier, webview: str) -> None:
    await hide(page, *WEBVIEWS[webview][0])
    player = await show_camera(page)
    await player.get("view.stop()")
    await carrier.until_released()
    assert await page.locator(".camera-view").count() == 0


async def test_a_page_that_is_left_releases_the_camera(page: Page, carrier: Carrier) -> None:
    await hide(page, *WITHOUT_WEBRTC)
    await show_camera(page)
    # Said, not done: a page that really goes takes the sidecar's notifications to the test with it.
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    await carrier.until_released()
    assert await page.locator(".camera-view").count() == 0


async def test_the_mirror_exchanges_left_and_right(page: Page) -> None:
    await hide(page, *WITHOUT_WEBRTC)
    player = await show_camera(page, mirror=True)
    transform = "getComputedStyle(view.element).transform"
    assert await player.get(transform) == "matrix(-1, 0, 0, 1, 0, 0)"
    await player.get("{ view.mirror = false; }")
    assert await player.get(transform) == "none"


async def test_an_error_stands_where_the_picture_would_until_another_camera_is_shown_there(page: Page) -> None:
    shown = await page.evaluate(
        """async () => {
          const { showCamera } = await import("/shell/player.js");
          const place = document.body.appendChild(document.createElement("div"));
          const error = await showCamera(place, { deviceId: "gone", onRetry() {} }).catch((error) => error);
          const texts = [...place.querySelectorAll("p, button")].map((element) => element.textContent);
          const view = await showCamera(place, { deviceId: "test:pattern" });
          return { kind: error.data.kind, hint: error.data.hint, texts, views: place.childElementCount };
        }"""
    )
    assert shown["kind"] == "camera_not_found"
    assert shown["texts"][1:] == [shown["hint"], "Try again"]
    assert shown["views"] == 1


async def test_a_stream_that_breaks_is_replaced_by_itself(page: Page, carrier: Carrier) -> None:
    routes: list[WebSocketRoute] = []

    def on_route(route: WebSocketRoute) -> None:
        route.connect_to_server()
        routes.append(route)

    await page.route_web_socket(LOCAL_STREAMS, on_route)
    await hide(page, *WITHOUT_WEBRTC)
    player = await show_camera(page)
    first = await player.get("view.connectionId")
    await player.get("{ view.states = []; view.addEventListener('state', () => view.states.push(view.state)); }")
    await routes[0].close(code=4000, reason="as a process that dies")
    await player.until('view.states.at(-1) === "live"')
    assert await player.get("view.states") == ["interrupted", "live"]
    assert await player.get("view.connectionId") not in ("", first)
    await carrier.state(first, "closed")


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_the_session_is_made_again_when_the_sidecar_was_restarted(page: Page, webview: str) -> None:
    await hide(page, *WEBVIEWS[webview][0])
    player = await show_camera(page)
    first = await player.get("view.connectionId")
    await player.get("{ view.states = []; view.addEventListener('state', () => view.states.push(view.state)); }")
    await page.evaluate("deliver(['sidecar_state', { state: 'restarting' }])")
    await page.evaluate("deliver(['sidecar_state', { state: 'running' }])")
    await player.until('view.states.at(-1) === "live"')
    assert await player.get("view.connectionId") not in ("", first)
    assert all(latency < LATEST_MS for latency in await player.latencies(3))


async def test_a_sidecar_that_cannot_be_restarted_ends_the_picture(page: Page, carrier: Carrier) -> None:
    await hide(page, *WITHOUT_WEBRTC)
    player = await show_camera(page)
    await page.evaluate("deliver(['sidecar_state', { state: 'failed' }])")
    assert await player.get("view.state") == "ended"
    assert "could not be restarted" in await page.inner_text(".camera-view-message")
    await carrier.until_released()
