"""Debian's Chromium, headless, with the page of the browser tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from chromium_options import ARGUMENTS
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route, async_playwright

from tests.support.carrier import Carrier
from tests.support.sidecar_process import ROOT

CHROMIUM = Path("/usr/bin/chromium")
ORIGIN = "http://localhost"  # a secure context; no server is behind it, the requests are answered here
PAGE = ROOT / "tests" / "browser" / "page"
PLAYER = ROOT / "tauri-shell" / "player" / "src"
READY_MS = 20_000

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's package chromium")


@asynccontextmanager
async def chromium(arguments: Sequence[str] = (), program: Path = CHROMIUM) -> AsyncIterator[Browser]:
    """A browser that ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()


class Pages:
    """The pages of one test, on one sidecar. None of them may complain on its console."""

    def __init__(self, browser: Browser, carrier: Carrier) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._carrier = carrier
        self._contexts: list[BrowserContext] = []

    async def open(self) -> Page:
        """A new page, in a profile of its own, that can call the sidecar."""
        context = await self._browser.new_context()
        self._contexts.append(context)
        await context.route(f"{ORIGIN}/**", _serve)
        page = await context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.expose_function("carry", self._carry)
        await page.goto(ORIGIN)
        await page.wait_for_function("window.isReady", timeout=READY_MS)
        self._carrier.add_page(page)
        return page

    async def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            await context.close()

    async def _carry(self, request: str) -> dict[str, Any]:
        return await self._carrier.carry(**json.loads(request))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


async def _serve(route: Route) -> None:
    name = route.request.url.removeprefix(f"{ORIGIN}/") or "index.html"
    if name == "favicon.ico":
        await route.fulfill(status=204)
    elif name.startswith("shell/"):
        await route.fulfill(path=PLAYER / name.removeprefix("shell/"))
    else:
        await route.fulfill(path=PAGE / name)
