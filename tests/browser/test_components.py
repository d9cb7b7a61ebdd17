"""The player in the components of a framework: mounted, unmounted and mounted again; and beside foreign scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.player import Player, show_camera

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

# A component as React's StrictMode mounts it: mounted, unmounted at once, mounted again.
MOUNT_TWICE = """async () => {
  const { showCamera } = await import("/shell/index.js");
  const place = document.body.appendChild(document.createElement("div"));
  window.errors = [];
  window.mount = () => {
    const controller = new AbortController();
    showCamera(place, { deviceId: "test:pattern", signal: controller.signal }).then(
      (view) => (window.view = view),
      (error) => errors.push(error.name),
    );
    return () => controller.abort();
  };
  mount()();
  window.unmount = mount();
}"""
LIVE = "() => window.view?.state === 'live'"

ADD_ENGINE = """() => {
  globalThis.RTCPeerConnection = class RTCPeerConnection extends EventTarget {
    constructor() { super(); throw new Error("the engine of another script must not be used"); }
  };
}"""
WRAP_ENGINE = """() => {
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = function (configuration) { return new Native(configuration); };
  globalThis.RTCPeerConnection.prototype = Native.prototype;
}"""


async def test_a_component_that_is_mounted_twice_shows_one_picture_and_leaves_one_connection(
    page: Page, carrier: Carrier
) -> None:
    await page.context.grant_permissions(["local-network-access"])
    await page.evaluate(MOUNT_TWICE)
    await page.wait_for_function(LIVE)
    assert await page.locator(".camera-view").count() == 1
    assert await page.evaluate("errors") == ["AbortError"]
    await carrier.wait_for("connection_state", lambda event: event["state"] == "closed")
    assert len((await carrier.call("get_stats"))["connections"]) == 1
    await page.evaluate("unmount()")
    await carrier.until_released()
    assert await page.locator(".camera-view").count() == 0


async def test_a_view_may_be_stopped_by_its_signal_and_by_hand_in_any_order(page: Page, carrier: Carrier) -> None:
    await page.context.grant_permissions(["local-network-access"])
    await page.evaluate(MOUNT_TWICE)
    await page.wait_for_function(LIVE)
    await page.evaluate("async () => { await Promise.all([view.stop(), view.stop()]); unmount(); await view.stop(); }")
    await carrier.until_released()
    await page.evaluate("() => { window.view = undefined; window.unmount = mount(); }")
    await page.wait_for_function(LIVE)
    assert await page.locator(".camera-view").count() == 1


async def test_a_signal_that_was_aborted_before_starts_no_session(page: Page, carrier: Carrier) -> None:
    error = await page.evaluate(
        """async () => {
          const { showCamera } = await import("/shell/index.js");
          const options = { deviceId: "test:pattern", signal: AbortSignal.abort(new Error("left")) };
          return await showCamera(document.body, options).catch((error) => error.message);
        }"""
    )
    assert error == "left"
    assert await page.locator(".camera-view").count() == 0
    assert carrier.of("connection_state") == []


async def test_an_engine_that_a_script_put_in_the_place_of_webrtc_is_not_used(page: Page) -> None:
    await page.evaluate(ADD_ENGINE)
    assert await transport_and_frames(await show_camera(page)) == "local"


async def test_the_webview_s_own_engine_is_used_behind_an_adapter(page: Page) -> None:
    await page.evaluate(WRAP_ENGINE)
    assert await transport_and_frames(await show_camera(page)) == "webrtc"


async def transport_and_frames(player: Player) -> str:
    """See some frames and return the transport that brought them."""
    assert await player.frame_rate(5) > 0
    transport: str = await player.get("view.transport")
    return transport
