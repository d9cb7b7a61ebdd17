"""Cameras on the screen of the app: WebKitGTK has no WebRTC, so these come over the loopback WebSocket."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from webdriver import Driver, Window

from tests.support.busy_machine import SLACK
from tests.support.shell_page import (
    END_SECONDS,
    LOOK_AGAIN_SECONDS,
    NO_CAMERA_OPEN,
    call,
    open_files,
    sidecar_of,
)
from tests.support.shell_picture import ShownCamera

pytestmark = pytest.mark.timeout(240)

RESTART_SECONDS = 3.0
"""Seconds from the kill to the picture at rest, the start of Python and the camera's included."""

BUSY_RESTART_SECONDS = RESTART_SECONDS + 2 * SLACK
"""With an allowance for the new process and one for the page. A player that waits for its time-outs needs 15 s more."""

STILL_ON_ITS_WAY = 0.5  # the largest age, in seconds, of a picture of a killed sidecar
MOVING = 5  # pictures in three seconds: enough to show motion on a machine under load
FPS = 25.0  # of the 30 that the camera gives
MEASURED_SECONDS = 6.0
BUSY = 15.0
"""Percent of idle time. Without a graphics card the processor composes the page, which takes half of a core: on a
machine with less idle time the page is composed less often, and the app cannot draw more pictures than that."""

DRAWN = 0.8  # of the pictures that the page can show: each composition shows one at most


def frames_sent(window: Window) -> float:
    """The number of pictures that the sidecar has sent to the page's one connection."""
    (connection,) = call(window, "get_stats")["connections"]
    return float(connection["frames_sent"])


def until_no_camera_is_open(window: Window) -> None:
    """Wait for the sidecar to say so."""
    window.wait(NO_CAMERA_OPEN)


def test_the_picture_moves_on_the_screen(window: Window, tell: Callable[[str], None]) -> None:
    camera = ShownCamera(window)
    seen = camera.seen()
    assert (seen.width, seen.height) == (640, 480)
    assert len(seen.latencies) > MOVING
    before, began = frames_sent(window), time.monotonic()
    rates = camera.rates(MEASURED_SECONDS)
    sent = (frames_sent(window) - before) / (time.monotonic() - began)
    tell(f"WebKitGTK drew {rates.drawn:.1f} pictures a second, composed {rates.composed:.1f}; {rates.idle:.0f} % idle")
    assert rates.drawn >= DRAWN * min(rates.composed, sent)
    assert rates.drawn >= FPS or rates.idle < BUSY


def test_two_cameras_move_side_by_side(window: Window, clip: Path) -> None:
    pattern, file = ShownCamera(window), ShownCamera(window, f"file:{clip}")
    assert len(pattern.seen().latencies) > MOVING
    assert len(file.shades()) > 2
    assert {camera["device_id"] for camera in call(window, "get_stats")["cameras"]} == {"test:pattern", f"file:{clip}"}


def test_stop_releases_the_camera(window: Window) -> None:
    camera = ShownCamera(window)
    assert len(call(window, "get_stats")["cameras"]) == 1
    camera.stop()
    until_no_camera_is_open(window)


def test_the_picture_is_back_within_three_seconds_after_the_sidecar_was_killed(
    window: Window, web_driver: Driver, app: Path, tell: Callable[[str], None]
) -> None:
    camera = ShownCamera(window)
    sidecar_of(web_driver, app).kill()
    killed_at = time.time()
    seconds = camera.seen_after(killed_at + STILL_ON_ITS_WAY) - killed_at
    tell(f"The picture was back {seconds:.1f} s after the sidecar was killed")
    assert seconds < BUSY_RESTART_SECONDS


def test_loading_the_page_again_leaves_no_camera_open(
    window: Window, web_driver: Driver, app: Path, clip: Path
) -> None:
    ShownCamera(window, f"file:{clip}")
    sidecar = sidecar_of(web_driver, app)
    assert str(clip) in open_files(sidecar)
    window.reload()
    window.wait("document.readyState === 'complete' && !window.views")
    limit = time.monotonic() + END_SECONDS
    while str(clip) in open_files(sidecar):
        assert time.monotonic() < limit
        time.sleep(LOOK_AGAIN_SECONDS)
    assert len(ShownCamera(window).seen().latencies) > MOVING
