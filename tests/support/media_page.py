"""A page in Chromium with the sidecar's cameras on navigator.mediaDevices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page

from sidecar.client import SidecarClient
from tests.support.carrier import Carrier, carried
from tests.support.player import hide
from tests.support.sidecar_process import ROOT, sidecar_command

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


@asynccontextmanager
async def one_sidecar(program: str | None, *arguments: str) -> AsyncIterator[Carrier]:
    """A sidecar for the pages of several tests, which ends in order."""
    async with (
        SidecarClient.start(sidecar_command(program, *arguments), cwd=str(ROOT)) as client,
        carried(client) as carrier,
    ):
        yield carrier
    assert client.process.returncode == 0
