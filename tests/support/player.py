"""The public player in a page, driven from a test."""

from __future__ import annotations

from typing import Any

from playwright.async_api import JSHandle, Page

from tests.support.viewer import SIZE

PATIENCE_MS = 20_000

HIDE = "name => { delete globalThis[name]; }"
WITHOUT_WEBRTC = ("RTCPeerConnection",)
ONLY_JPEG = ("RTCPeerConnection", "VideoDecoder")

SHOW = """async options => {
  const { showCamera } = await import("/shell/player.js");
  const place = document.createElement("div");
  place.style.cssText = "width: 320px; height: 180px";
  document.body.append(place);
  return await showCamera(place, options);
}"""

LATENCIES = """async (view, count) => {
  const { measureLatency } = await import("/shell/time-strip.js");
  const found = [];
  await new Promise((resolve) => {
    const end = measureLatency(view, (ms) => {
      if (found.push(ms) < count) return;
      end();
      resolve();
    }, { everyMs: 0 });
  });
  return found;
}"""

FRAME_RATE = """(view, count) => new Promise((resolve) => {
  let frames = 0, startedAt = NaN;
  const end = view.onFrame(() => {
    if (frames === 0) startedAt = performance.now();
    if (frames++ < count) return;
    end();
    resolve(1000 * count / (performance.now() - startedAt));
  });
})"""


class Player:
    """A CameraView."""

    def __init__(self, page: Page, handle: JSHandle) -> None:
        self.page = page
        self.handle = handle

    async def get(self, expression: str) -> Any:
        """Evaluate an expression, in which `view` is the view, and return its value."""
        return await self.handle.evaluate(f"async (view) => {expression}")

    async def until(self, expression: str) -> None:
        """Wait until an expression is true, in which `view` is the view."""
        await self.page.wait_for_function(f"(view) => {expression}", arg=self.handle, timeout=PATIENCE_MS)

    async def latencies(self, count: int) -> list[float]:
        """From capture to the canvas or video, of so many frames, in milliseconds; read from the picture itself."""
        found: list[float] = await self.handle.evaluate(LATENCIES, count)
        return found

    async def frame_rate(self, count: int) -> float:
        """Frames per second over the next frames."""
        rate: float = await self.handle.evaluate(FRAME_RATE, count)
        return rate


async def hide(page: Page, *names: str) -> None:
    """Remove these APIs from the page's webview."""
    for name in names:
        await page.evaluate(HIDE, name)


async def show_camera(page: Page, device_id: str = "test:pattern", **options: Any) -> Player:
    """Show a camera in a view and wait for its first picture."""
    # The tests' page comes from no server, so Chromium does not count it as one of this machine.
    await page.context.grant_permissions(["local-network-access"])
    handle = await page.evaluate_handle(SHOW, {"deviceId": device_id, "format": SIZE, **options})
    player = Player(page, handle)
    await player.until('view.state === "live"')
    return player
