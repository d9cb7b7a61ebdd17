"""A view's format changes while it is shown, and photos are taken of its camera."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.carrier import PATIENCE, Carrier
from tests.support.chromium import Pages, needs_chromium
from tests.support.player import ONLY_JPEG, WITHOUT_WEBRTC, Player, hide, show_camera
from tests.support.videos import write_video

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

SMALL = {"width": 640, "height": 360, "fps": 30}
LARGE = {"width": 1280, "height": 720, "fps": 30}
WEBVIEWS = {"with WebRTC": (), "with WebCodecs": WITHOUT_WEBRTC, "with neither": ONLY_JPEG}
STAMPS_TURN = 2**32  # milliseconds

FORMAT = "(({ width, height, fps }) => ({ width, height, fps }))(view.format)"
REFUSAL = "view.setFormat({ width: 640 }).then(() => null, ({ name, data }) => [name, data.kind, data.hint])"
RECORD_FORMATS = """{
  view.formats = [];
  view.addEventListener("format", () => view.formats.push(view.format.width));
}"""
RECORD_REQUESTS = """() => {
  const carry = window.carry;
  window.requests = [];
  window.carry = (request) => {
    requests.push(JSON.parse(request));
    return carry(request);
  };
}"""
# The photo's type and size, and the time stamp in its strip.
TAKE_PHOTO = """async (view, options) => {
  const { decodeStamp } = await import("/shell/time-strip.js");
  const photo = await view.takePhoto(options);
  const { width, height } = await createImageBitmap(photo);
  const context = new OffscreenCanvas(32, 1).getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(await createImageBitmap(photo), 0, height / 36 - 1, width, 2, 0, 0, 32, 1);
  return { type: photo.type, size: [width, height], stamp: decodeStamp(context.getImageData(0, 0, 32, 1).data) };
}"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", size=(320, 180))


@pytest.fixture
def sidecar_arguments(clip: Path) -> list[str]:
    return ["--allow-source", f"file:{clip}"]


@pytest.mark.parametrize("webview", WEBVIEWS)
async def test_the_picture_of_a_view_grows_and_shrinks_while_it_is_shown(page: Page, webview: str) -> None:
    await hide(page, *WEBVIEWS[webview])
    player = await show_camera(page)
    connection = await player.get("view.connectionId")
    assert await player.get(FORMAT) == SMALL
    for wanted in (LARGE, SMALL):
        in_force = await player.handle.evaluate("(view, format) => view.setFormat(format)", wanted)
        assert in_force | wanted == in_force
        assert await player.get(FORMAT) == wanted
        await player.until(f"view.width === {wanted['width']} && view.height === {wanted['height']}")
        assert await player.frame_rate(5) > 0
    assert await player.get("[view.state, view.connectionId]") == ["live", connection]


async def test_the_other_viewers_of_the_camera_follow(pages: Pages) -> None:
    first, second = [await show_camera(await pages.open()) for _ in range(2)]
    await second.get(RECORD_FORMATS)
    await first.handle.evaluate("(view, format) => view.setFormat(format)", LARGE)
    await second.until("view.width === 1280")
    assert await second.get("view.formats") == [1280]
    assert await second.get(FORMAT) == LARGE


async def test_a_format_that_the_camera_does_not_have_is_refused_and_changes_nothing(page: Page, clip: Path) -> None:
    player = await show_camera(page, f"file:{clip}")
    name, kind, hint = await player.get(REFUSAL)
    assert (name, kind) == ("RpcError", "format_not_supported")
    assert hint
    assert await player.get("[view.format.width, view.format.height]") == [320, 180]
    assert await player.frame_rate(5) > 0


async def test_a_session_that_replaces_a_lost_one_has_the_newest_format(page: Page) -> None:
    player = await show_camera(page)
    await player.handle.evaluate("(view, format) => view.setFormat(format)", LARGE)
    await page.evaluate(RECORD_REQUESTS)
    first = await player.get("view.connectionId")
    for state in ("restarting", "running"):
        await page.evaluate("state => deliver(['sidecar_state', { state }])", state)
    await player.until(f"view.state === 'live' && view.connectionId !== '' && view.connectionId !== '{first}'")
    (start,) = await page.evaluate("requests.filter(({ method }) => method === 'start_camera_webrtc_session')")
    assert start["params"]["format"] == LARGE
    assert await player.get(FORMAT) == LARGE


@pytest.mark.parametrize(
    ("options", "expected", "size"),
    [
        ({}, "image/jpeg", [640, 360]),
        ({"type": "image/png"}, "image/png", [640, 360]),
        ({"quality": 0.5, "width": 320}, "image/jpeg", [320, 180]),
    ],
)
async def test_a_photo_is_a_file_of_the_camera_s_next_picture(
    page: Page, options: dict[str, Any], expected: str, size: list[int]
) -> None:
    player = await show_camera(page)
    began = time.time() * 1000
    photo = await player.handle.evaluate(TAKE_PHOTO, options)
    assert (photo["type"], photo["size"]) == (expected, size)
    assert 0 <= (photo["stamp"] - began) % STAMPS_TURN < PATIENCE * 1000


async def test_a_view_that_was_stopped_takes_no_photo_and_changes_no_format(page: Page, carrier: Carrier) -> None:
    player: Player = await show_camera(page)
    await player.get("view.stop()")
    await carrier.until_released()
    for call in ("takePhoto({})", "setFormat({ width: 640 })"):
        kind = await player.get(f"view.{call}.catch((error) => error.data.kind)")
        assert kind == "invalid_state"
