"""Chromium as the receiver of the benchmarks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium_options import ARGUMENTS, PLAIN_ADDRESSES
from environment import ROOT
from percentiles import nearest_rank
from playwright.async_api import Browser, Page, Route, async_playwright

HERE = Path(__file__).resolve().parent
ADDRESS = "http://localhost/"  # without a server: Playwright's route `serve` answers each request
FILES = {
    "/": HERE / "receiver.html",
    "/empty": HERE / "empty.html",
    "/receiver.js": HERE / "receiver.js",
}
PLAYER = ROOT / "tauri-shell" / "player" / "src"  # below /src/
FRAME_LIMIT = 30_000  # milliseconds for a picture to come

Candidate = dict[str, Any] | None


class NoBrowserError(Exception):
    """Chromium is not installed."""


@dataclass(frozen=True)
class Reception:
    """The receiver's measurements since the last restart. Latencies in milliseconds, one for each frame, sorted.

    `first_frame_at` is seconds since the epoch; `received` counts the bytes, `decoded` the frames of the whole session.
    """

    frames: int
    latencies: list[float]
    seconds: float
    first_frame_at: float
    size: tuple[int, int]
    received: int
    decoded: int

    @property
    def fps(self) -> float:
        """Frames rendered per second."""
        return self.frames / self.seconds

    def latency(self, percent: float) -> float:
        """A percentile of the latencies, nearest rank."""
        return nearest_rank(self.latencies, percent)


@dataclass(frozen=True)
class Picture:
    """A picture shown: the time (seconds since the epoch), the latency (milliseconds; None: unreadable), the size."""

    at: float
    latency: float | None
    size: tuple[int, int]


class Receiver:
    """A page that shows one stream at a time."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self._browser, self._page = browser, page
        self._send_candidate: Callable[[Candidate], Awaitable[None]] | None = None
        self._held: list[Candidate] = []

    async def open(self) -> None:
        """Load the page."""
        await self._page.expose_function("sendCandidate", self._on_candidate)
        await self._page.goto(ADDRESS)
        await self._page.wait_for_function("globalThis.receiver !== undefined")

    async def answer(self, offer: str) -> str:
        """Answer an offer; candidates are held until `trickle`."""
        self._send_candidate, self._held = None, []
        answer: str = await self._page.evaluate("sdp => receiver.receive(sdp)", offer)
        return answer

    async def trickle(self, send: Callable[[Candidate], Awaitable[None]]) -> None:
        """Pass all candidates to `send`, the ones gathered so far first."""
        self._send_candidate = send
        held, self._held = self._held, []
        await asyncio.gather(*map(send, held))

    async def _on_candidate(self, candidate: Candidate) -> None:
        if self._send_candidate is None:
            self._held.append(candidate)
        else:
            await self._send_candidate(candidate)

    async def wait_for_frames(self, count: int) -> None:
        """Wait until so many frames were shown since the last restart."""
        await self._page.wait_for_function("count => receiver.frames() >= count", arg=count, timeout=FRAME_LIMIT)

    async def restart(self) -> None:
        """Discard all measurements."""
        await self._page.evaluate("receiver.restart()")

    async def results(self) -> Reception:
        """The measurements since the last restart."""
        found = await self._page.evaluate("receiver.results()")
        return Reception(
            frames=found["frames"],
            latencies=sorted(found["latencies"]),
            seconds=found["seconds"],
            first_frame_at=found["firstFrameAt"] / 1000,
            size=tuple(found["size"]),
            received=found["bytes"],
            decoded=found["decoded"],
        )

    async def shown(self) -> list[Picture]:
        """Every picture since the last restart."""
        found: list[list[Any]] = await self._page.evaluate("receiver.shown()")
        return [Picture(at / 1000, latency, (width, height)) for at, latency, width, height in found]

    async def stop(self) -> None:
        """Close the connection."""
        await self._page.evaluate("receiver.stop()")

    @asynccontextmanager
    async def page_of(self, call: Callable[[str, Any], Awaitable[Any]]) -> AsyncIterator[Page]:
        """Another page of the same browser, whose `sidecarCall` runs `call`; closed with the block."""
        page = await self._browser.new_page()
        try:
            # Chromium does not count a page without a server as a page of this machine.
            await page.context.grant_permissions(["local-network-access"])
            await page.expose_function("sidecarCall", call)
            await page.route(f"{ADDRESS}**", serve)
            await page.goto(f"{ADDRESS}empty")
            yield page
        finally:
            await page.close()


@asynccontextmanager
async def open_receiver(program: str | None = None) -> AsyncIterator[Receiver]:
    """A browser (`program`; Chromium if None) with the receiver's page; raises NoBrowserError."""
    chromium = program or shutil.which("chromium")
    if chromium is None:
        raise NoBrowserError("Chromium is needed as the receiver. On Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        # Ctrl-C ends this program, which then closes the browser.
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*ARGUMENTS, PLAIN_ADDRESSES], handle_sigint=False
        )
        try:
            page = await browser.new_page()
            await page.route(f"{ADDRESS}**", serve)
            receiver = Receiver(browser, page)
            await receiver.open()
            yield receiver
        finally:
            await browser.close()


async def serve(route: Route) -> None:
    """Answer a request of the page with one of FILES or of the player's modules."""
    path = "/" + route.request.url.removeprefix(ADDRESS)
    file = PLAYER / path.removeprefix("/src/") if path.startswith("/src/") else FILES.get(path)
    if file is None:
        await route.fulfill(status=404)
    else:
        await route.fulfill(path=file)
