"""A page in Chromium with the sidecar's cameras on navigator.mediaDevices."""

from __future__ import annotations

from playwright.async_api import Page

from tests.support.player import hide

INSTALL = """async () => {
  const { installMediaDevices } = await import("/shell/media-devices/index.js");
  window.uninstall = installMediaDevices();
}"""


async def installed(page: Page, *missing: str) -> Page:
    """Install the media devices in a page whose webview lacks some APIs."""
    # The tests' page comes from no server, so Chromium does not count it as one of this machine.
    await page.context.grant_permissions(["local-network-access"])
    await hide(page, *missing)
    await page.evaluate(INSTALL)
    return page
