"""The demo as a person meets it: its server as a process, its page in Chromium, a real sidecar behind the page."""

from __future__ import annotations

import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.busy_machine import SLACK
from tests.support.chromium import needs_chromium
from tests.support.demo_page import (
    NO_CAMERA_OPEN,
    TEST_PATTERN,
    Demo,
    Wire,
    invoke,
    moves,
    only_the_test_pattern,
    open_page,
    running_demo,
    start_test_pattern,
    wait_for_no_sidecar,
)
from tests.support.videos import write_video

ENDED_WITHIN = 2.0
"""Seconds from Ctrl-C to the end of the demo's server; a server that waits for the page ends after ten."""

LATEST_MS = 10_000
"""A clock that is wrong, or a strip that is misread, gives any number up to 2³²."""

pytestmark = [needs_chromium, pytest.mark.timeout(180)]


def test_without_the_secret_there_is_no_page(demo: Demo, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        origin = re.match(r"http://[^/]+/", demo.address)
        assert origin
        response = page.goto(origin[0])
        assert response is not None
        assert response.status == 404
        assert demo.sidecars() == []


def test_the_test_picture_moves_and_its_latency_is_measured(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    moves(page)
    latency = page.locator('[data-figure="latency"]')
    expect(latency.locator(".figure-value")).to_have_text(re.compile(r"^\d+$"))
    expect(latency.locator(".figure-qualifier")).to_have_text("measured")
    assert 0 <= int(latency.locator(".figure-value").inner_text()) < LATEST_MS
    for figure, plausible in [("fps", r"^[1-9]\d*$"), ("bitrate", r"^\d+\.\d+$"), ("loss", r"^\d+(\.\d)?$")]:
        expect(page.locator(f'[data-figure="{figure}"] .figure-value')).to_have_text(re.compile(plausible))


def test_the_latency_of_any_camera_is_measured_step_by_step(browser: Browser, page: Page, tmp_path: Path) -> None:
    video = write_video(tmp_path / "camera.mp4", size=(320, 180))
    with running_demo("--allow-source", f"file:{video}") as demo:
        open_page(page, demo)
        page.click(f'[data-device="file:{video}"]')
        expect(page.locator(".tile")).to_have_attribute("data-state", "live")
        expect(page.locator('[data-figure="latency"] .figure-qualifier')).to_have_text("measured")
        expect(page.locator('[data-figure="latency"] .figure-value')).to_have_text(re.compile(r"^\d+$"))
        page.get_by_text("Where the time goes").click()
        for step in (
            "Captured to the encoder",
            "Encoded",
            "Encoded to sent",
            "Network",
            "Decoded",
            "Captured to shown",
        ):
            row = page.locator(".rows div").filter(has=page.get_by_text(step, exact=True))
            expect(row.locator("dd")).to_have_text(re.compile(r"^[\d.]+ / [\d.]+ ms$"))


def test_a_picture_that_is_not_good_says_so_in_its_corner_and_why_below(demo: Demo, page: Page) -> None:
    wire = Wire(page)
    open_page(page, demo)
    start_test_pattern(page)
    wire.quality = {"level": "fair", "reason": "network", "hint": "Take a cable."}
    badge = page.locator(".camera-view-quality")
    expect(badge).to_be_visible()
    expect(badge.get_by_text("Take a cable.")).to_be_hidden()
    badge.hover()
    expect(badge.get_by_text("Take a cable.")).to_be_visible()
    page.get_by_text("Where the time goes").click()
    row = page.locator(".rows div").filter(has=page.get_by_text("Quality", exact=True))
    expect(row.locator("dd")).to_have_text("Fair: network. Take a cable.")
    wire.quality = {"level": "good", "reason": None, "hint": None}
    expect(badge).to_be_hidden()
    expect(row.locator("dd")).to_have_text("Good")


def test_a_webview_without_webrtc_has_the_same_picture_on_a_canvas(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}?transport=local")
    page.wait_for_selector(TEST_PATTERN)
    start_test_pattern(page)
    expect(page.locator(".picture canvas")).to_be_visible()
    expect(page.locator('[data-figure="latency"] .figure-qualifier')).to_have_text("measured")
    for figure, plausible in [("latency", r"^\d+$"), ("fps", r"^[1-9]\d*$"), ("bitrate", r"^\d+\.\d+$")]:
        expect(page.locator(f'[data-figure="{figure}"] .figure-value')).to_have_text(re.compile(plausible))


@pytest.mark.parametrize("path", ["", "devtools/camera-sidecar/", "camera-sidecar"])
def test_the_page_reaches_no_other_socket_of_this_machine(demo: Demo, browser: Browser, path: str) -> None:
    with browser.new_context() as context:  # of its own, for Chromium complains on the console
        page = context.new_page()
        page.goto(demo.address)
        violated = page.evaluate(
            """url => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
                try { new WebSocket(url).onopen = () => resolve("open"); } catch {}
            })""",
            f"ws://127.0.0.1:49999/{path}",
        )
    assert violated == "connect-src"


def test_the_picture_keeps_its_place_when_it_comes(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    page.click(TEST_PATTERN)
    picture = page.locator(".picture")
    before = picture.bounding_box()
    expect(page.locator(".tile")).to_have_attribute("data-state", "live")
    assert picture.bounding_box() == before


def test_two_pictures_stand_side_by_side_and_one_stops_alone(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    start_test_pattern(page, tile=1)
    boxes = [tile.bounding_box() for tile in page.locator(".tile").all()]
    assert boxes[0] and boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    page.locator(".toggle").nth(0).click()
    expect(page.locator(".tile").nth(0)).to_have_attribute("data-state", "stopped")
    expect(page.locator("video")).to_have_count(1)
    moves(page)


def test_stop_releases_the_camera_and_start_shows_it_again(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    assert [camera["device_id"] for camera in invoke(page, "get_stats")["cameras"]] == ["test:pattern"]
    page.click(".toggle")
    page.wait_for_function(NO_CAMERA_OPEN)
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".tile")).to_have_attribute("data-state", "live")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".tile")).to_have_count(0)
    expect(page.locator("#invitation")).to_be_visible()


def test_without_a_camera_the_page_says_so_and_offers_the_test_picture(demo: Demo, page: Page) -> None:
    Wire(page, only_the_test_pattern)
    open_page(page, demo)
    expect(page.get_by_role("heading", name="No camera was found")).to_be_visible()
    page.get_by_role("button", name="Show the test picture").click()
    expect(page.locator(".tile")).to_have_attribute("data-state", "live")


def test_an_error_stands_where_the_picture_would_with_its_hint(demo: Demo, page: Page) -> None:
    def with_one_that_is_gone(cameras: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [cameras[-1] | {"device_id": "gone", "kind": "camera", "name": "Gone"}, *cameras]

    Wire(page, with_one_that_is_gone)
    open_page(page, demo)
    page.click('[data-device="gone"]')
    expect(page.locator(".tile")).to_have_attribute("data-state", "failed")
    expect(page.locator(".camera-view .camera-view-message")).to_contain_text("Plug the camera in")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Gone: Failed.")


def test_a_camera_that_comes_is_listed_and_keyboard_and_choices_stay_where_they_are(demo: Demo, page: Page) -> None:
    wire = Wire(page, only_the_test_pattern)
    open_page(page, demo)
    page.get_by_role("combobox").select_option(index=0)
    page.locator(TEST_PATTERN).focus()
    new = wire.cameras[-1] | {"device_id": "new", "kind": "camera", "name": "New"}
    wire.notify("cameras_changed", cameras=[new, *wire.cameras], added=["new"], removed=[])
    expect(page.locator('[data-device="new"]')).to_be_visible()
    expect(page.locator(TEST_PATTERN)).to_be_focused()
    expect(page.get_by_role("combobox").last).to_have_value("0")
    expect(page.get_by_role("heading", name="No camera is on")).to_be_visible()


def test_a_camera_that_is_lost_is_told_over_the_picture_until_it_is_back(demo: Demo, page: Page) -> None:
    wire = Wire(page)
    open_page(page, demo)
    start_test_pattern(page)
    ids = {"device_id": "test:pattern", "session_id": wire.session["session_id"]}
    wire.notify("camera_state", **ids, state="lost", reason="The camera was unplugged.", hint="Plug it in again.")
    expect(page.locator(".tile")).to_have_attribute("data-state", "interrupted")
    expect(page.locator(".camera-view .camera-view-message")).to_have_text("The camera was unplugged.Plug it in again.")
    wire.notify("camera_state", **ids, state="streaming", reason=None, hint=None)
    expect(page.locator(".tile")).to_have_attribute("data-state", "live")
    expect(page.locator(".camera-view .camera-view-message")).to_be_hidden()


def test_a_connection_that_fails_ends_the_picture_says_why_and_releases_the_camera(demo: Demo, page: Page) -> None:
    wire = Wire(page)
    open_page(page, demo)
    start_test_pattern(page)
    event = {"connection_id": wire.session["connection_id"], "generation": 0, "state": "failed"}
    wire.notify("connection_state", **event | {"connection_id": "another"}, reason="Not this one.")
    wire.notify("connection_state", **event, reason="No candidate answered.")
    expect(page.locator(".tile")).to_have_attribute("data-state", "ended")
    expect(page.locator(".camera-view .camera-view-message")).to_contain_text("No candidate answered.")
    page.wait_for_function(NO_CAMERA_OPEN)


def test_the_mirror_turns_the_picture_and_says_so(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    mirror = page.get_by_role("button", name="Mirror")
    expect(mirror).to_have_attribute("aria-pressed", "false")
    mirror.press("Enter")
    expect(mirror).to_have_attribute("aria-pressed", "true")
    assert page.locator("video").evaluate("video => getComputedStyle(video).transform") == "matrix(-1, 0, 0, 1, 0, 0)"


def test_a_page_that_is_left_takes_its_sidecar_with_it(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    [before] = demo.sidecars()
    page.reload()
    page.wait_for_selector(TEST_PATTERN)
    assert psutil.wait_procs([before], timeout=10)[1] == []
    page.goto("about:blank")
    wait_for_no_sidecar(demo)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_everything_within_two_seconds(browser: Browser) -> None:
    with running_demo() as demo, browser.new_context() as context:
        page = context.new_page()
        open_page(page, demo)
        start_test_pattern(page)
        sidecars = demo.sidecars()
        started = time.monotonic()
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(timeout=10) == 0
        # A sidecar alone ends within a second; the page's WebSocket gets half a second to close.
        assert time.monotonic() - started < ENDED_WITHIN + SLACK
        _, alive = psutil.wait_procs(sidecars, timeout=SLACK)
        assert (len(sidecars), alive) == (1, [])
        expect(page.get_by_role("heading", name="The server of the cameras does not answer.")).to_be_visible()
