"""What the plugin's script, which runs before a page's own, gives to the pages of the app, and to no other page."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from webdriver import WebDriverError, Window

from tests.support.shell_page import COMMAND, NO_CAMERA_OPEN

pytestmark = pytest.mark.timeout(180)

# Resolves when the video has shown five frames.
SHOW = """
    const [deviceId] = arguments;
    const stream = await navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: deviceId }, width: 640 } });
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true, srcObject: stream });
    document.body.append(video);
    for (let frames = 0; frames < 5; frames++) await new Promise((shown) => video.requestVideoFrameCallback(shown));
    const [track] = stream.getVideoTracks();
    const widths = [video.videoWidth, track.getSettings().width];
    track.stop();
    return widths;"""

STATE = """
    const has = (object, name) => Object.hasOwn(object, name);
    return [has(navigator.mediaDevices ?? {}, "getUserMedia"), typeof window.__TAURI_INTERNALS__];"""


@pytest.fixture
def foreign_page(tmp_path: Path) -> Iterator[str]:
    """The address of a page that is no part of the app."""
    (tmp_path / "index.html").write_text("<!doctype html><title>Elsewhere</title>")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_page_gets_a_camera_from_the_web_platform_s_own_interface(window: Window) -> None:
    devices = window.run("return (await navigator.mediaDevices.enumerateDevices()).map((device) => device.toJSON())")
    (pattern,) = [device for device in devices if device["deviceId"] == "test:pattern"]
    assert pattern["kind"] == "videoinput"
    assert window.run(SHOW, pattern["deviceId"]) == [640, 640]
    window.wait(NO_CAMERA_OPEN)


def test_a_command_without_the_plugin_s_name_needs_the_plugin_s_permission(window: Window) -> None:
    assert window.run("return (await __TAURI_INTERNALS__.invoke('get_stats', {})).connections") == []
    for method in ("start_streaming", "set_encoding", "request_keyframe", "request_camera_permission"):
        with pytest.raises(WebDriverError, match=r"camera-sidecar.* not allowed"):
            window.run("return __TAURI_INTERNALS__.invoke(arguments[0], {})", method)


def test_a_page_from_elsewhere_keeps_its_own_media_devices_and_fetch(window: Window, foreign_page: str) -> None:
    assert window.run(STATE) == [True, "object"]
    window.load(foreign_page)
    assert window.run("return document.title") == "Elsewhere"
    assert window.run(STATE) == [False, "object"]
    with pytest.raises(WebDriverError, match="not allowed"):
        window.run("return __TAURI_INTERNALS__.invoke(arguments[0], {})", f"{COMMAND}ping")
