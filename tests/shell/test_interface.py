"""The app as a person uses it: the contents of its page, and the effects of clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from webdriver import Driver, Window

from tests.support.shell_page import NO_CAMERA_OPEN, call, sidecar_of

pytestmark = pytest.mark.timeout(180)

TEST_PATTERN = '[data-device="test:pattern"]'
FILE = '[data-device^="file:"]'
TILE_STATE = "document.querySelectorAll('.tile')[arguments[0]]?.dataset.state === arguments[1]"
# One row of the picture's middle, as a string that changes when the picture does.
ROW = """(number) => {
    const canvas = document.querySelectorAll(".tile")[number].querySelector(".picture canvas");
    const row = Object.assign(document.createElement("canvas"), { width: 64, height: 1 }).getContext("2d");
    row.drawImage(canvas, 0, canvas.height / 2, canvas.width, 2, 0, 0, 64, 1);
    return String(row.getImageData(0, 0, 64, 1).data);
}"""


def start(window: Window, camera: str, tile: int = 0) -> None:
    """Click a camera's button and see its tile come to life."""
    window.click(camera)
    window.wait(TILE_STATE, tile, "live")


def moves(window: Window, tile: int = 0) -> None:
    """See a tile's picture change."""
    row = window.run(f"return ({ROW})(arguments[0])", tile)
    window.wait(f"({ROW})(arguments[0]) !== arguments[1]", tile, row)


def figure(window: Window, name: str) -> float:
    """A figure of the first tile as soon as it has a value."""
    value = f"document.querySelector('[data-figure={name}] .figure-value').textContent.match(/^[\\d.]+$/)?.[0]"
    return float(window.wait(value))


def click_button(window: Window, label: str) -> None:
    """Click the first button of a tile that says this."""
    found = "[...document.querySelectorAll('.tile button')].find((button) => button.textContent === arguments[0])"
    window.wait(found, label)
    window.run(f"{found}.click()", label)


def text(window: Window, selector: str) -> str:
    """Return the text of an element."""
    said: str = window.run("return document.querySelector(arguments[0]).innerText", selector)
    return said


def test_the_cameras_are_listed_and_the_program_is_named(window: Window, clip: Path) -> None:
    window.wait("document.querySelector(arguments[0])", TEST_PATTERN)
    names = window.run("return [...document.querySelectorAll('.camera-list h3')].map((name) => name.textContent)")
    assert len(names) == 2
    assert clip.name in text(window, ".camera-list")
    assert "camera-sidecar" in text(window, "#status")


def test_a_click_shows_the_picture_and_its_figures(window: Window) -> None:
    start(window, TEST_PATTERN)
    moves(window)
    assert figure(window, "fps") > 0
    assert figure(window, "bitrate") > 0
    assert figure(window, "latency") < 10_000


def test_two_pictures_move_side_by_side_and_one_stops_alone(window: Window, clip: Path) -> None:
    start(window, TEST_PATTERN)
    start(window, FILE, tile=1)
    left, right = window.run("return [...document.querySelectorAll('.tile')].map((t) => t.getBoundingClientRect())")
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    moves(window, 0)
    moves(window, 1)
    window.click(".tile .toggle")
    window.wait(TILE_STATE, 0, "stopped")
    moves(window, 1)
    assert [camera["device_id"] for camera in call(window, "get_stats")["cameras"]] == [f"file:{clip}"]


def test_stop_releases_the_camera_and_start_shows_it_again(window: Window) -> None:
    start(window, TEST_PATTERN)
    click_button(window, "Stop")
    window.wait(NO_CAMERA_OPEN)
    click_button(window, "Start again")
    window.wait(TILE_STATE, 0, "live")
    moves(window)
    click_button(window, "Remove")
    window.wait("!document.querySelector('.tile')")
    window.wait(NO_CAMERA_OPEN)


def test_the_mirror_turns_the_picture(window: Window) -> None:
    start(window, TEST_PATTERN)
    click_button(window, "Mirror")
    transform = "getComputedStyle(document.querySelector('.tile .picture canvas')).transform"
    assert window.wait(f"{transform} !== 'none' && {transform}") == "matrix(-1, 0, 0, 1, 0, 0)"


def test_the_format_changes_while_the_picture_moves(window: Window) -> None:
    start(window, TEST_PATTERN)
    window.run("""
        const menu = document.querySelector(".tile select");
        menu.value = [...menu.options].find((option) => option.textContent === "640 × 480, 30 fps").value;
        menu.dispatchEvent(new Event("change"));""")
    window.wait("document.querySelector('.tile .picture canvas').height === 480")
    moves(window)
    assert text(window, ".notice") == ""


def test_a_photo_is_shown_in_the_corner_of_the_picture(window: Window) -> None:
    start(window, TEST_PATTERN)
    click_button(window, "Photo")
    photo = window.wait(
        "document.querySelector('.photo img') && [...document.querySelectorAll('.photo img')]"
        ".map((image) => [image.naturalWidth, image.naturalHeight])"
    )
    assert photo == [[1280, 720]]


def test_a_camera_that_cannot_be_opened_says_why_and_what_to_do(window: Window, clip: Path) -> None:
    window.wait("document.querySelector(arguments[0])", FILE)
    hidden = clip.rename(clip.with_suffix(".away"))
    try:
        window.click(FILE)
        window.wait(TILE_STATE, 0, "failed")
        assert window.run("return document.querySelectorAll('.camera-view .camera-view-message p').length") == 2
    finally:
        hidden.rename(clip)
    click_button(window, "Try again")
    window.wait(TILE_STATE, 0, "live")


def test_a_sidecar_that_was_killed_is_told_over_the_picture_until_it_is_back(
    window: Window, web_driver: Driver, app: Path
) -> None:
    start(window, TEST_PATTERN)
    window.run("""
        window.told = [];
        const tile = document.querySelector(".tile");
        const look = () => told.push([tile.dataset.state, tile.querySelector(".camera-view p")?.textContent]);
        new MutationObserver(look).observe(tile, { attributes: true, attributeFilter: ["data-state"] });""")
    sidecar_of(web_driver, app).kill()
    window.wait("told.some(([state]) => state === 'interrupted')")
    window.wait(TILE_STATE, 0, "live")
    moves(window)
    # Whichever is seen first: the process's end, or its stream's.
    told = {"The camera service is restarting.", "The camera's stream was interrupted."}
    assert {message for state, message in window.run("return told") if state == "interrupted"} <= told
