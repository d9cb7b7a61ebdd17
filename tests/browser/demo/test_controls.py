"""The controls under a camera's picture on the demo's page: its format, and photos."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.support.chromium import needs_chromium
from tests.support.demo_page import Demo, invoke, moves, open_page, running_demo, start_test_pattern
from tests.support.videos import write_video

pytestmark = [needs_chromium, pytest.mark.timeout(180)]

HEIGHT = "height => document.querySelector('video').videoHeight === height"


def choose(page: Page, format_: str, tile: int = 0) -> None:
    """Choose a format in a tile's menu."""
    page.locator(".tile").nth(tile).get_by_role("combobox").select_option(label=format_)


def test_the_format_changes_while_the_picture_moves_for_all_tiles_of_the_camera(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    start_test_pattern(page, tile=1)
    menus = page.locator(".tile select option:checked")
    expect(menus).to_have_text(["1280 × 720, 30 fps"] * 2)
    choose(page, "640 × 480, 30 fps")
    page.wait_for_function(HEIGHT, arg=480)
    expect(menus).to_have_text(["640 × 480, 30 fps"] * 2)
    moves(page)
    expect(page.locator(".tile").nth(1)).to_have_attribute("data-state", "live")


def test_a_format_that_is_chosen_while_the_camera_is_off_is_the_one_it_starts_with(demo: Demo, page: Page) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    page.click(".toggle")
    choose(page, "640 × 360, 30 fps")
    page.click(".toggle")
    page.wait_for_function(HEIGHT, arg=360)
    (camera,) = invoke(page, "get_stats")["cameras"]
    assert (camera["width"], camera["height"]) == (640, 360)


def test_a_camera_with_one_format_shows_it_and_offers_no_choice(browser: Browser, page: Page, tmp_path: Path) -> None:
    video = write_video(tmp_path / "camera.mp4", size=(320, 180))
    with running_demo("--allow-source", f"file:{video}") as demo:
        open_page(page, demo)
        page.click(f'[data-device="file:{video}"]')
        menu = page.locator(".tile").get_by_role("combobox")
        expect(menu.locator("option:checked")).to_have_text("320 × 180, 30 fps")
        expect(menu).to_be_disabled()


def test_a_photo_is_shown_in_the_corner_and_saved_by_a_click(demo: Demo, page: Page, tmp_path: Path) -> None:
    open_page(page, demo)
    start_test_pattern(page)
    page.get_by_role("button", name="Photo", exact=True).click()
    expect(page.get_by_role("img", name="Photo of Test picture")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save 1280 × 720").click()
    assert download.value.suggested_filename.endswith(".jpg")
    download.value.save_as(tmp_path / "photo.jpg")
    photo = cv2.imread(str(tmp_path / "photo.jpg"))
    assert photo is not None
    assert photo.shape == (720, 1280, 3)
    page.get_by_role("button", name="Close the photo").click()
    expect(page.locator(".photo")).to_be_hidden()


def test_a_refused_format_is_said_with_its_hint_and_the_menu_shows_the_one_in_force(demo: Demo, page: Page) -> None:
    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            request = json.loads(message)
            if request["method"] != "set_format":
                server.send(message)
                return
            data = {"kind": "camera_failed", "retryable": False, "hint": "Choose another one.", "details": None}
            error = {"code": 1003, "message": "The driver refused the format.", "data": data}
            route.send(json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}))

        route.on_message(pass_on)

    page.route_web_socket("**/rpc", connect)
    open_page(page, demo)
    start_test_pattern(page)
    choose(page, "640 × 480, 30 fps")
    expect(page.get_by_role("alert")).to_have_text("The driver refused the format. Choose another one.")
    expect(page.locator(".tile select option:checked")).to_have_text("1280 × 720, 30 fps")
