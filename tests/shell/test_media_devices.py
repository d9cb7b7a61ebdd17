"""navigator.mediaDevices in WebKitGTK, which has no WebRTC: the same behaviour as in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from webdriver import Window, driver

from tests.support.media_cases import CASES, NAMES
from tests.support.mini_browser import MINI_BROWSER, demo, page

pytestmark = [
    pytest.mark.skipif(not MINI_BROWSER.exists(), reason="needs WebKitGTK's MiniBrowser"),
    pytest.mark.timeout(60),
]

INSTALL = """
    const { installMediaDevices } = await import("./camera-sidecar/media-devices/index.js");
    window.uninstall = installMediaDevices({ mode: "when-missing" });
    document.body.replaceChildren();"""

RUN = f"""
    const {{ invoke }} = await import("./camera-sidecar/invoke.js");
    const [name, clip] = arguments;
    await ({CASES})(invoke, clip)(name);"""


OPEN = """
    const stream = await navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: arguments[0] } } });
    const [track] = stream.getVideoTracks(), events = [];
    for (const name of ["mute", "unmute", "ended"]) track.addEventListener(name, () => events.push(name));
    Object.assign(window, { track, events });"""


@pytest.fixture(scope="module")
def window(display: str, clip: Path) -> Iterator[Window]:
    """One window for all cases; each of them releases its cameras."""
    with (
        demo("--allow-source", f"file:{clip}") as address,
        driver(display, {}) as running,
        page(running, address) as opened,
    ):
        opened.run(INSTALL)
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_in_webkitgtk(window: Window, clip: Path, name: str) -> None:
    window.run(RUN, name, f"file:{clip}")


def test_a_lost_camera_mutes_its_track_until_it_is_back(window: Window, clip: Path) -> None:
    window.run(OPEN, f"file:{clip}")
    away = clip.with_suffix(".away")
    clip.rename(away)
    try:
        window.wait("track.muted")
    finally:
        away.rename(clip)
    window.wait("!track.muted")
    events, state = window.run("track.stop(); return [events, track.readyState];")
    assert (events, state) == (["mute", "unmute"], "ended")


def test_an_image_capture_of_another_track_is_refused(window: Window) -> None:
    refusal = window.run("""
        const canvas = document.createElement("canvas");
        canvas.getContext("2d");
        const [track] = canvas.captureStream(30).getVideoTracks();
        return new ImageCapture(track).grabFrame().catch(({ name }) => name);""")
    assert refusal == "NotSupportedError"
