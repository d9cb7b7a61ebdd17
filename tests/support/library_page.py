"""The page of a camera library, driven from a test."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.support.carrier import PATIENCE, Carrier
from tests.support.qr_codes import read_data_url
from tests.support.webviews import Webview


class LibraryPage:
    """A page of tests/libraries/pages.

    Its functions `cameras`, `start`, `picture` and `stop` use the library as the library's own documentation does.
    """

    def __init__(self, webview: Webview, carrier: Carrier, screenshots: Path) -> None:
        self._webview = webview
        self._carrier = carrier
        self._screenshots = screenshots
        self._is_left = False
        self.complaints: list[str] = []
        """The errors that no code of the page had caught when it was left."""

    async def start(self, camera: str | None = None) -> None:
        """Let the library open a camera by its id, by default the one that it chooses itself."""
        await self._webview.run("await start(...arguments);", *filter(None, [camera]))

    async def stop(self) -> None:
        """Let the library release the camera."""
        await self._webview.run("await stop();")

    async def click(self, selector: str) -> None:
        """Wait until a button is there and can be pressed, and press it."""
        usable = "!button.disabled && button.checkVisibility()"
        click = "button.click(), true"
        await self._webview.wait(
            f"[...document.querySelectorAll(arguments[0])].some((button) => {usable} && ({click}))", selector
        )

    async def choose(self, selector: str, value: str) -> None:
        """Wait until an option of a list is there and can be chosen, and choose it."""
        option = "[...list.options].some((option) => option.value === arguments[1])"
        await self._webview.wait(
            f"[...document.querySelectorAll(arguments[0])].some((list) => !list.disabled && {option} "
            "&& ((list.value = arguments[1]), true))",
            selector,
            value,
        )

    async def until_read(self, text: str) -> None:
        """Wait until the page shows this text as the one that the library has read last."""
        await self._webview.wait("document.querySelector('#text').value === arguments[0]", text)

    async def until_pictured(self, texts: Collection[str]) -> None:
        """Wait until the library's pictures have shown the QR code of each text; before the first frame it has none."""
        missing = set(texts)
        async with asyncio.timeout(PATIENCE):
            while missing:
                url = await self.get("await picture()")
                missing.discard(read_data_url(url or ""))

    async def run(self, statements: str, *arguments: Any) -> None:
        """Run statements in the page; their arguments are `arguments`."""
        await self._webview.run(statements, *arguments)

    async def get(self, expression: str, *arguments: Any) -> Any:
        """The value of an expression in the page; its arguments are `arguments`."""
        return await self._webview.run(f"return ({expression});", *arguments)

    async def keep_screenshot(self) -> None:
        """Keep a screenshot in the test's temporary folder, for a person who looks into a failure."""
        await self._webview.screenshot(self._screenshots / "page.png")

    async def until_playing(self) -> None:
        """Wait until the library's video shows frames."""
        await self._webview.wait("[...document.querySelectorAll('video')].some((video) => video.readyState >= 2)")

    async def leave(self) -> None:
        """Load an empty page in its place, once."""
        if not self._is_left:
            self._is_left = True
            self.complaints = await self.get("complaints")
            await self._webview.load("about:blank")

    async def open_cameras(self) -> set[str]:
        """The device_ids of the sidecar's open cameras."""
        return await self._carrier.open_cameras()

    async def until_released(self) -> None:
        """Wait until each connection so far is closed, and check that the sidecar has no camera open."""
        for connection_id in {state["connection_id"] for state in self._carrier.of("connection_state")}:
            await self._carrier.state(connection_id, "closed")
        assert await self.open_cameras() == set()
