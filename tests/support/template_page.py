"""The page of a template app: its picture, its statistics, and the greeting's name, which selects its camera."""

from __future__ import annotations

from webdriver import Window

LIVE = "document.querySelector('.camera-view')?.dataset.state === 'live'"
EMPTY = "!document.querySelector('.camera-view')"
CAMERAS = "(await __TAURI_INTERNALS__.invoke('plugin:camera-sidecar|get_stats', {})).cameras"
"""The statistics of the cameras that the page uses."""

DIFFERENT = 3
"""Pictures that a moving picture must show."""

MOVES = """
    const [selector, wanted] = arguments, seen = new Set();
    const row = Object.assign(document.createElement("canvas"), { width: 32, height: 1 }).getContext("2d");
    for (const until = performance.now() + 20_000; seen.size < wanted && performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        const picture = document.querySelector(selector);
        const [width, height] = [picture.videoWidth ?? picture.width, picture.videoHeight ?? picture.height];
        if (!width) continue;
        row.drawImage(picture, 0, height / 2, width, 2, 0, 0, 32, 1);
        seen.add(String(row.getImageData(0, 0, 32, 1).data));
    }
    return seen.size;"""

# A framework sets the value of a field on the field itself, and would take the page's own write for its own.
SET_NAME = """
    const field = document.querySelector("#greet-input");
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, arguments[0]);
    field.dispatchEvent(new Event("input", { bubbles: true }));"""

COUNT_VIEWS = """
    globalThis.views = 0;
    new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]);
        globalThis.views += added.filter((node) => node.className === "camera-view").length;
    }).observe(document.body, { childList: true, subtree: true });"""


def assert_moving(window: Window, selector: str = ".camera-view canvas") -> None:
    """Check that an element shows different pictures one after the other."""
    assert window.run(MOVES, selector, DIFFERENT) == DIFFERENT


def set_name(window: Window, name: str) -> None:
    """Write a name into the greeting's field."""
    window.run(SET_NAME, name)


def count_views(window: Window) -> None:
    """Count from now on the views of cameras that appear on the page, in `views`."""
    window.run(COUNT_VIEWS)
