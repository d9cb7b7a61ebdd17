"""Unmodified camera libraries, on `navigator.mediaDevices` of the sidecar, in Chromium and in WebKitGTK."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import av
import pytest

from tests.support.library_page import LibraryPage
from tests.support.qr_codes import data_of, read_code

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

OpenPage = Callable[[str], Awaitable[LibraryPage]]
Texts = tuple[str, ...]

SCANNERS = ("jsqr", "qr-scanner", "zxing", "html5-qrcode")
CHOOSERS = ("qr-scanner", "zxing", "html5-qrcode")
CAMERAS = ("react-webcam", "webcam-easy")
CAMERA_NAME = "back-camera.mp4"
PATTERN, PATTERN_NAME = "test:pattern", "Test picture"
WIDE_ENOUGH = 1024
"""Pixels that qr-scanner asks for first; the first camera has fewer."""

EVERY = 5
"""So many frames of a recording stand for one that is read."""

only_chromium = pytest.mark.parametrize("webview", ["chromium"], indirect=True)
"""WebKitGTK 2.50 has no WebRTC, and its MediaRecorder writes empty files of a canvas's stream."""


@pytest.mark.parametrize("library", SCANNERS)
async def test_a_scanner_reads_the_codes_and_releases_the_camera(
    open_page: OpenPage, library: str, camera: str, texts: Texts
) -> None:
    page = await open_page(library)
    await page.start(camera)
    for text in texts:
        await page.until_read(text)
    await page.keep_screenshot()
    await page.stop()
    await page.until_released()


async def test_the_scanner_page_of_html5_qrcode_is_used_by_its_buttons(
    open_page: OpenPage, camera: str, texts: Texts
) -> None:
    page = await open_page("html5-qrcode-scanner")
    await page.click("#html5-qrcode-button-camera-permission")
    await page.choose("#html5-qrcode-select-camera", camera)
    await page.click("#html5-qrcode-button-camera-start")
    for text in texts:
        await page.until_read(text)
    await page.keep_screenshot()
    await page.click("#html5-qrcode-button-camera-stop")
    await page.until_released()
    await page.choose("#html5-qrcode-select-camera", PATTERN)
    await page.click("#html5-qrcode-button-camera-start")
    await page.until_playing()
    assert await page.open_cameras() == {PATTERN}
    await page.click("#html5-qrcode-button-camera-stop")
    await page.until_released()


@pytest.mark.parametrize("library", CAMERAS)
async def test_a_camera_component_takes_pictures_and_releases_the_camera(
    open_page: OpenPage, library: str, camera: str, texts: Texts
) -> None:
    page = await open_page(library)
    await page.start(camera)
    await page.until_pictured(texts)
    await page.keep_screenshot()
    await page.stop()
    await page.until_released()


@pytest.mark.parametrize("library", CHOOSERS)
async def test_a_library_opens_a_camera_of_its_own_choice_and_the_one_of_its_list(
    open_page: OpenPage, library: str, camera: str
) -> None:
    page = await open_page(library)
    await page.start()
    await page.until_playing()
    (chosen,) = await page.open_cameras()
    assert chosen != PATTERN
    await page.stop()
    await page.until_released()
    cameras = {each["id"]: each["label"] for each in await page.get("await cameras()")}
    assert (cameras[camera], cameras[PATTERN]) == (CAMERA_NAME, PATTERN_NAME)
    await page.start(PATTERN)
    await page.until_playing()
    assert await page.open_cameras() == {PATTERN}
    await page.stop()
    await page.until_released()


@pytest.mark.parametrize("library", CAMERAS)
async def test_a_page_that_is_left_releases_the_camera(open_page: OpenPage, library: str, camera: str) -> None:
    page = await open_page(library)
    await page.start(camera)
    await page.until_playing()
    assert await page.open_cameras() == {camera}
    await page.leave()
    await page.until_released()


async def test_qr_scanner_finds_the_camera_with_a_wide_picture(open_page: OpenPage) -> None:
    page = await open_page("qr-scanner")
    await page.start()
    await page.until_playing()
    assert await page.get("document.querySelector('video').videoWidth") >= WIDE_ENOUGH
    await page.stop()
    await page.until_released()


async def test_html5_qrcode_changes_the_frame_rate_while_it_scans(open_page: OpenPage) -> None:
    page = await open_page("html5-qrcode")
    await page.start(PATTERN)
    await page.until_playing()
    await page.run("await reader.applyVideoConstraints({ frameRate: 15 });")
    assert await page.get("reader.getRunningTrackSettings().frameRate") == 15
    await page.stop()
    await page.until_released()


@only_chromium
async def test_simple_peer_sends_the_camera_to_another_peer(open_page: OpenPage, camera: str, texts: Texts) -> None:
    page = await open_page("simple-peer")
    await page.start(camera)
    await page.until_pictured(texts)
    await page.keep_screenshot()
    await page.stop()
    await page.until_released()


@only_chromium
async def test_livekit_mutes_unmutes_and_switches_the_camera(open_page: OpenPage, camera: str, texts: Texts) -> None:
    page = await open_page("livekit")
    assert {camera, PATTERN} <= {each["id"] for each in await page.get("await cameras()")}
    await page.start(camera)
    await page.until_pictured(texts)
    await page.keep_screenshot()
    await page.run("await track.mute();")
    await page.until_released()
    await page.run("await track.unmute();")
    assert await page.open_cameras() == {camera}
    await page.until_pictured(texts)
    assert await page.get("await track.setDeviceId({ exact: arguments[0] })", PATTERN)
    assert await page.get("await track.getDeviceId()") == PATTERN
    assert await page.open_cameras() == {PATTERN}
    await page.run("await track.restartTrack({ deviceId: { exact: arguments[0] } });", camera)
    await page.until_pictured(texts)
    await page.stop()
    await page.until_released()


@only_chromium
async def test_a_recording_shows_the_moving_picture(open_page: OpenPage, camera: str, texts: Texts) -> None:
    page = await open_page("media-recorder")
    await page.start(camera)
    recording = data_of(await page.get("await record(arguments[0])", len(texts) + 1))
    await page.keep_screenshot()
    with av.open(io.BytesIO(recording), "r") as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert {read_code(picture) for picture in pictures[::EVERY]} >= set(texts)
    await page.stop()
    await page.until_released()
