"""Two webviews behind one interface: Chromium by playwright, WebKitGTK by WebDriver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Protocol

from chromium_options import PLAIN_ADDRESSES
from playwright.async_api import Page
from webdriver import Window, driver, screen

from tests.support.chromium import chromium

MINI_BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
"""WebKitGTK's own example of a browser, in Debian's package of the library; None where it is not installed."""

WITHOUT_COMPOSITING = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
"""WebKitGTK 2.50 can deadlock when a video delivers a frame while the page's layers are flushed (WebKit bug 302068).
Without compositing a video has no layer."""

PATIENCE_MS = 20_000


class Webview(Protocol):
    """A window with one page."""

    has_frame_callbacks: bool
    """Whether requestVideoFrameCallback calls back; WebKitGTK without compositing has it and never does."""

    async def load(self, url: str) -> None:
        """Load a page; the one before is left."""

    async def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function in the page and return its result; its arguments are `arguments`."""

    async def wait(self, condition: str, *arguments: Any) -> Any:
        """Wait until a JavaScript expression is truthy and return its value."""

    async def screenshot(self, path: Path) -> None:
        """Write a screenshot of the page as a PNG file."""


class ChromiumWebview:
    """Debian's Chromium, headless."""

    has_frame_callbacks = True

    def __init__(self, page: Page) -> None:
        self._page = page

    async def load(self, url: str) -> None:
        await self._page.goto(url)

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self._page.evaluate(f"given => (async function () {{ {script} }}).apply(null, given)", arguments)

    async def wait(self, condition: str, *arguments: Any) -> Any:
        function = f"given => (function () {{ return ({condition}); }}).apply(null, given)"  # a promise would be true
        return await (await self._page.wait_for_function(function, arg=arguments, timeout=PATIENCE_MS)).json_value()

    async def screenshot(self, path: Path) -> None:
        await self._page.screenshot(path=path)


class WebKitWebview:
    """WebKitGTK in its MiniBrowser, on a virtual screen."""

    has_frame_callbacks = False

    def __init__(self, window: Window) -> None:
        self._window = window

    async def load(self, url: str) -> None:
        await asyncio.to_thread(self._window.load, url)

    async def run(self, script: str, *arguments: Any) -> Any:
        return await asyncio.to_thread(self._window.run, script, *arguments)

    async def wait(self, condition: str, *arguments: Any) -> Any:
        return await asyncio.to_thread(self._window.wait, condition, *arguments)

    async def screenshot(self, path: Path) -> None:
        await asyncio.to_thread(self._window.screenshot, path)


@asynccontextmanager
async def chromium_webview() -> AsyncIterator[ChromiumWebview]:
    """A Chromium that ends with the block."""
    async with chromium([PLAIN_ADDRESSES]) as browser:
        yield ChromiumWebview(await browser.new_page())


@asynccontextmanager
async def webkit_webview() -> AsyncIterator[WebKitWebview]:
    """A WebKitGTK that ends with the block."""
    assert MINI_BROWSER is not None
    with (
        screen() as display,
        driver(display, WITHOUT_COMPOSITING, DEVNULL) as running,
        running.open(MINI_BROWSER, arguments=["--automation"]) as window,
    ):
        yield WebKitWebview(window)
