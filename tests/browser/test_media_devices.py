"""navigator.mediaDevices in Chromium, over WebRTC and over the local stream: the same behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.chromium import Pages, needs_chromium
from tests.support.media_cases import CASES, NAMES
from tests.support.media_page import installed, one_sidecar
from tests.support.player import WITHOUT_WEBRTC
from tests.support.videos import write_video

pytestmark = [needs_chromium, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

WEBVIEWS = {"with WebRTC": (), "without WebRTC": WITHOUT_WEBRTC}

RUN = f"""async ([name, clip]) => {{
  const {{ invoke }} = await import("/shell/invoke.js");
  await ({CASES})(invoke, clip)(name);
}}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video that stands for a second camera."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", size=(320, 180))


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=WEBVIEWS)
async def page(
    request: pytest.FixtureRequest, plain_chromium: Browser, sidecar_program: str | None, clip: Path
) -> AsyncIterator[Page]:
    """One page for all cases of a webview; each of them releases its cameras."""
    async with one_sidecar(sidecar_program, "--allow-source", f"file:{clip}") as carrier:
        opened = Pages(plain_chromium, carrier)
        yield await installed(await opened.open(), *WEBVIEWS[request.param])
        await opened.close()
        assert opened.complaints == []


@pytest.mark.parametrize("name", NAMES)
async def test_in_chromium(page: Page, clip: Path, name: str) -> None:
    await page.evaluate(RUN, [name, f"file:{clip}"])
