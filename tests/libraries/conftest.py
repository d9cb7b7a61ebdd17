"""The sidecar, the server of the pages and the webviews, each started once for all tests of this folder."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio

from sidecar.client import SidecarClient
from tests.support.carrier import Carrier, carried
from tests.support.chromium import CHROMIUM
from tests.support.library_page import LibraryPage
from tests.support.node import FRONTEND, NODE_MODULES, package, why_no_node_modules
from tests.support.page_server import PageServer
from tests.support.qr_codes import write_codes
from tests.support.sidecar_process import ROOT, sidecar_command
from tests.support.webviews import MINI_BROWSER, Webview, chromium_webview, webkit_webview

PAGES = ROOT / "tests" / "libraries" / "pages"
PLAYER = ROOT / "tauri-shell" / "player" / "src"
BUNDLES = ("camera.js", "react-webcam.jsx")
BUNDLE_SECONDS = 60.0

TEXTS = ("the first code", "the second code")
"""The texts of the camera's QR codes, shown for a second each."""

NARROW, WIDE = "back-camera.mp4", "front-camera.mp4"
"""The names of two cameras, 640 and 1280 pixels wide."""

OpenWebview = Callable[[], AbstractAsyncContextManager[Webview]]
WEBVIEWS: dict[str, tuple[OpenWebview, bool]] = {
    "chromium": (chromium_webview, CHROMIUM.exists()),
    "webkitgtk": (webkit_webview, MINI_BROWSER is not None),
}
"""The webviews, and whether each is installed."""

OpenPage = Callable[[str], Awaitable[LibraryPage]]


@pytest.fixture(scope="session")
def texts() -> tuple[str, ...]:
    """The texts of the QR codes that the camera shows in turn."""
    return TEXTS


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the bundled scripts: the injected one, and the page of React, which has no build for browsers."""
    if reason := why_no_node_modules():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("bundles")
    command = [str(FRONTEND.resolve() / ".bin" / "esbuild"), *(str(PAGES / name) for name in BUNDLES)]
    command += ["--bundle", "--format=iife", "--jsx=automatic", "--log-level=warning", f"--outdir={folder}"]
    command += [f"--alias:camera-sidecar={PLAYER}", '--define:process.env.NODE_ENV="development"']
    environment = {**NODE_MODULES, "NODE_PATH": str(package(""))}  # where the page's imports are found
    subprocess.run(command, env=environment, check=True, timeout=BUNDLE_SECONDS)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def carrier(sidecar_program: str | None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carrier]:
    """A sidecar with two videos of QR codes, whose names tell libraries where they face, and the test pattern."""
    folder = tmp_path_factory.mktemp("video")
    narrow, wide = write_codes(folder / NARROW, TEXTS), write_codes(folder / WIDE, TEXTS, size=(1280, 720))
    command = sidecar_command(sidecar_program, "--allow-source", f"file:{narrow}", "--allow-source", f"file:{wide}")
    async with SidecarClient.start(command, cwd=str(ROOT)) as client, carried(client) as started:
        yield started
    assert client.process.returncode == 0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def camera(carrier: Carrier) -> str:
    """The device_id of the narrow video of QR codes, the first of the two."""
    cameras = (await carrier.call("get_available_cameras"))["cameras"]
    return next(str(camera["device_id"]) for camera in cameras if camera["name"] == NARROW)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def origin(carrier: Carrier, bundles: Path) -> AsyncIterator[str]:
    """The server of the pages."""
    folders = {"pages": PAGES, "bundles": bundles, "npm": package("")}
    async with PageServer(carrier, folders).listening() as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=WEBVIEWS)
async def webview(request: pytest.FixtureRequest) -> AsyncIterator[Webview]:
    """Each webview in turn; a test chooses one by an indirect parameter."""
    opened, is_installed = WEBVIEWS[request.param]
    if not is_installed:
        pytest.skip(f"{request.param} is not installed")
    async with opened() as window:
        yield window


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(webview: Webview, origin: str, carrier: Carrier, tmp_path: Path) -> AsyncIterator[OpenPage]:
    """Opens the page of a library; the page must release the camera and leave no error uncaught."""
    opened: list[LibraryPage] = []

    async def open_one(name: str) -> LibraryPage:
        query = "" if webview.has_frame_callbacks else "?without-frame-callbacks"
        await webview.load(f"{origin}/pages/{name}.html{query}")
        opened.append(LibraryPage(webview, carrier, tmp_path))
        return opened[0]

    yield open_one
    for page in opened:
        await page.leave()
        await page.until_released()
        assert page.complaints == []
