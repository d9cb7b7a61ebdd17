"""A page in Chromium with the sidecar's cameras on navigator.mediaDevices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page

from sidecar.client import SidecarClient
from tests.support.carrier import Carrier, carried
from tests.support.player import PATIENCE_MS, hide
from tests.support.sidecar_process import ROOT, sidecar_command

INSTALL = """async () => {
  const { installMediaDevices } = await import("/shell/media-devices/index.js");
  window.uninstall = installMediaDevices();
}"""


OPEN = """async constraints => {
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  const [track] = stream.getVideoTracks(), clone = track.clone(), events = [];
  for (const name of ["mute", "unmute", "ended"]) track.addEventListener(name, () => events.push(name));
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = video.autoplay = true;
  video.srcObject = new MediaStream([clone]);
  let frames = 0;
  const onFrame = () => { frames++; video.requestVideoFrameCallback(onFrame); };
  video.requestVideoFrameCallback(onFrame);
  Object.assign(window, { track, clone, events, video, framesShown: () => frames });
}"""


async def installed(page: Page, *missing: str) -> Page:
    """Install the media devices in a page whose webview lacks some APIs."""
    # The tests' page comes from no server, so Chromium does not count it as one of this machine.
    await page.context.grant_permissions(["local-network-access"])
    await hide(page, *missing)
    await page.evaluate(INSTALL)
    return page


async def open_track(page: Page, video: Any = True) -> None:
    """Open a camera's track in the page, `track`, and show a clone of it, `clone`, in a video."""
    await page.evaluate(OPEN, {"video": video})
    await more_frames(page)


async def more_frames(page: Page, count: int = 5) -> None:
    """Wait until the video has shown some more frames."""
    shown = await page.evaluate("framesShown()")
    await page.wait_for_function("wanted => framesShown() >= wanted", arg=shown + count, timeout=PATIENCE_MS)


@asynccontextmanager
async def one_sidecar(program: str | None, *arguments: str) -> AsyncIterator[Carrier]:
    """A sidecar for the pages of several tests, which ends in order."""
    async with (
        SidecarClient.start(sidecar_command(program, *arguments), cwd=str(ROOT)) as client,
        carried(client) as carrier,
    ):
        yield carrier
    assert client.process.returncode == 0
