"""The documentation's snippets for pages, every block as it stands, in Chromium with its addresses hidden.

The guides run in a network of the test's own, where the public STUN server that they name is one of ours.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, JSHandle, Page

from sidecar.client import SidecarClient
from tests.support.carrier import PATIENCE, Carrier, carried
from tests.support.chromium import Pages, needs_chromium
from tests.support.documented import blocks, matches, named
from tests.support.namespaces import NetworkNamespace, needs_namespaces
from tests.support.sidecar_process import ROOT, sidecar_command
from tests.support.stun_servers import StunResponder

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

GUIDES = ("docs/guide.md", "docs/guide.fr.md")
IMPORTS = re.compile(r'^import \{ (.*) \} from "camera-sidecar";\n', re.MULTILINE)
EAGER = ("--reconnect-tries", "1", "--reconnect-pause", "0.1", "--reconnect-answer-timeout", "0.5")
"""A sidecar that gives up a lost viewer soon."""

PHOTOS = named("docs/photos.md", "js")
LIVE = "#camera .camera-view[data-state=live]"
MAKE_ELEMENT = """() => {
  const element = Object.assign(document.createElement("div"), { id: "camera" });
  element.style.height = "360px";
  document.body.append(element);
}"""
PRELOADED = """() => {
  window.sidecar = {
    request: (text) => window.carry(text),
    listen: (handler) => (window.deliver = ([name, params]) => handler(name, params)),
  };
}"""
"""The functions of the example's preload script, on the carrier of the tests."""

MAKE_VIDEO = """() => {
  const video = document.createElement("video");
  Object.assign(video, { autoplay: true, muted: true, playsInline: true });
  document.body.append(video);
  return video;
}"""
MOVES = """async (video) => {
  const shown = () => new Promise((resolve) => video.requestVideoFrameCallback((_, frame) => resolve(frame.mediaTime)));
  return (await shown()) < (await shown());
}"""


async def run(page: Page, source: str, wanted: str = "", **given: Any) -> JSHandle:
    """Run a block with the names that it needs; the names of it that are `wanted`. Imports are the product's."""
    for names in IMPORTS.findall(source):
        assert set(names.split(", ")) <= await exported(page)
    block = {"source": IMPORTS.sub("", source), "given": given, "wanted": wanted.split()}
    return await page.evaluate_handle(
        """async (block) => {
          const product = await import("./shell/index.js");
          return runBlock({ ...block, given: { ...product, ...block.given } });
        }""",
        block,
    )


async def exported(page: Page) -> set[str]:
    """The names that the package exports."""
    return set(await page.evaluate('async () => Object.keys(await import("./shell/index.js"))'))


async def part(handle: JSHandle, name: str) -> Any:
    """A member of an object in the page."""
    return await (await handle.get_property(name)).json_value()


async def shows(video: JSHandle) -> None:
    """Wait until the picture moves."""
    async with asyncio.timeout(PATIENCE):
        assert await video.evaluate(MOVES)


@pytest.fixture(params=GUIDES)
def guide(request: pytest.FixtureRequest) -> dict[str, str]:
    """The blocks of one guide, by name."""
    return named(request.param, "js")


@pytest.fixture
def english() -> dict[str, str]:
    """The blocks of the English guide. The French one has the same code (tests/docs/test_guides.py)."""
    return named(GUIDES[0], "js")


@pytest_asyncio.fixture(loop_scope="session")
async def video(hidden_page: Page) -> JSHandle:
    """The page's <video>, with the attributes that the guide asks for."""
    return await hidden_page.evaluate_handle(MAKE_VIDEO)


async def test_the_steps_of_the_guide_show_a_camera_and_release_it(
    guide: dict[str, str], hidden_page: Page, hidden_carrier: Carrier, video: JSHandle, stun: StunResponder
) -> None:
    started = await run(hidden_page, guide["start"], "early unlisten sdp connectionId format")
    names = ("early", "unlisten", "sdp", "connectionId")
    given: dict[str, Any] = {name: await started.get_property(name) for name in names}
    assert (await part(started, "format"))["width"] == 320
    offered = await run(hidden_page, guide["offer"], "peerConnection", sdp=given["sdp"])
    given["peerConnection"] = await offered.get_property("peerConnection")
    for step in ("answer", "candidates"):
        await run(hidden_page, guide[step], **given)
    connection_id = await given["connectionId"].json_value()
    await hidden_carrier.state(connection_id, "connected")
    await shows(video)
    closed = await run(hidden_page, guide["close"], "camera_released", **given)
    assert await part(closed, "camera_released") is True
    assert await hidden_carrier.open_cameras() == set()
    async with asyncio.timeout(PATIENCE):
        await stun.until_asked_by(2)  # the sidecar and the browser


async def watching(page: Page, guide: dict[str, str], video: JSHandle) -> tuple[JSHandle, JSHandle]:
    """`watchCamera` of the guide, and the function that stops it."""
    functions = await run(page, guide["complete"], "watchCamera")
    stop = await functions.evaluate_handle(
        "({ watchCamera }, video) => watchCamera(video, 'camera-0').then((stop) => ({ stop }))", video
    )
    return functions, stop


@pytest.mark.usefixtures("stun")
async def test_the_complete_example_shows_a_camera_and_stops_it(
    guide: dict[str, str], hidden_page: Page, hidden_carrier: Carrier, video: JSHandle
) -> None:
    _, stop = await watching(hidden_page, guide, video)
    await shows(video)
    await stop.evaluate("({ stop }) => stop()")
    assert await hidden_carrier.open_cameras() == set()


async def test_the_complete_example_goes_on_after_an_interruption(
    english: dict[str, str],
    hidden_page: Page,
    hidden_carrier: Carrier,
    video: JSHandle,
    namespace: NetworkNamespace,
) -> None:
    _, stop = await watching(hidden_page, english, video)
    await shows(video)
    connection_id = hidden_carrier.of("connection_state")[0]["connection_id"]
    await namespace.run("ip", "link", "set", "lo", "down")
    try:
        await hidden_carrier.state(connection_id, "reconnecting")
    finally:
        await namespace.run("ip", "link", "set", "lo", "up")
    await hidden_carrier.wait_for(
        "connection_state", lambda event: event["generation"] > 0 and event["state"] == "connected"
    )
    await shows(video)
    await stop.evaluate("({ stop }) => stop()")


async def test_the_complete_example_passes_an_error_on(
    english: dict[str, str], hidden_page: Page, video: JSHandle
) -> None:
    functions = await run(hidden_page, english["complete"], "watchCamera")
    hint = await functions.evaluate(
        "({ watchCamera }, video) => watchCamera(video, 'nothing:there').catch((error) => error.data.hint)", video
    )
    assert "get_available_cameras" in hint


@pytest_asyncio.fixture(loop_scope="session")
async def impatient_carrier(
    namespace: NetworkNamespace, sidecar_program: str | None, hiding_chromium: Browser
) -> AsyncIterator[Carrier]:
    """A sidecar that gives up a lost viewer soon."""
    command = namespace.command(*sidecar_command(sidecar_program, *EAGER))
    async with SidecarClient.start(command, cwd=str(ROOT)) as client, carried(client) as started:
        yield started


async def test_the_retry_of_the_guide_starts_a_new_session_after_a_failure(
    english: dict[str, str], impatient_carrier: Carrier, hiding_chromium: Browser, namespace: NetworkNamespace
) -> None:
    opened = Pages(hiding_chromium, impatient_carrier)
    page = await opened.open()
    video = await page.evaluate_handle(MAKE_VIDEO)
    source = f"{english['complete']}\n{english['retry']}"
    functions = await run(page, source, "keepWatching")
    await functions.evaluate("({ keepWatching }, video) => keepWatching(video, 'test:pattern')", video)
    await shows(video)
    first = impatient_carrier.of("connection_state")[0]["connection_id"]
    await namespace.run("ip", "link", "set", "lo", "down")
    try:
        await impatient_carrier.state(first, "failed")
    finally:
        await namespace.run("ip", "link", "set", "lo", "up")
    await impatient_carrier.wait_for(
        "connection_state", lambda event: event["connection_id"] != first and event["state"] == "connected"
    )
    await shows(video)
    await opened.close()


async def test_the_metrics_of_the_guide_are_printed(
    english: dict[str, str], hidden_page: Page, hidden_carrier: Carrier, video: JSHandle
) -> None:
    _, stop = await watching(hidden_page, english, video)
    await shows(video)
    async with hidden_page.expect_console_message(lambda message: "good" in message.text, timeout=PATIENCE * 1000):
        await run(hidden_page, english["metrics"])
    await stop.evaluate("({ stop }) => stop()")


async def test_the_guide_shows_several_cameras_at_once(
    english: dict[str, str], hidden_page: Page, hidden_carrier: Carrier
) -> None:
    source = f"{english['complete']}\n{english['cameras']}"
    stops = await run(hidden_page, source, "stops")
    videos = await hidden_page.query_selector_all("video")
    assert len(videos) == len(await hidden_carrier.open_cameras()) == 2
    for video in videos:
        await shows(video)
    await stops.evaluate("({ stops }) => Promise.all(stops.map((stop) => stop()))")
    assert await hidden_carrier.open_cameras() == set()


@pytest.mark.usefixtures("stun")
async def test_a_session_leaves_the_documented_lines_in_the_log(
    english: dict[str, str], hidden_page: Page, hidden_carrier: Carrier, video: JSHandle
) -> None:
    functions = await run(hidden_page, english["complete"], "watchCamera")
    await functions.evaluate(
        "async ({ watchCamera }, video) => (globalThis.stop = await watchCamera(video, 'test:pattern'))", video
    )
    await shows(video)
    await hidden_page.evaluate("() => stop()")
    await hidden_carrier.wait_for("connection_state", lambda event: event["state"] == "closed")
    lines = [line.partition(": ")[2] for line in hidden_carrier.client.stderr]
    (documented,) = blocks(GUIDES[0], "log")
    for line in documented.text.splitlines():
        assert any(matches(line, real) for real in lines), line


@pytest_asyncio.fixture(loop_scope="session")
async def session_id(hidden_carrier: Carrier) -> str:
    """A session of the test picture."""
    return str((await hidden_carrier.call("start_streaming", device_id="test:pattern"))["session_id"])


async def test_a_photo_is_shown_as_an_image(hidden_page: Page, session_id: str) -> None:
    taken = await run(hidden_page, PHOTOS["photo"], "image", sessionId=session_id)
    image = await taken.get_property("image")
    assert await image.evaluate(
        "async (image) => (await image.decode(), [image.naturalWidth, image.naturalHeight])"
    ) == [
        1280,
        720,
    ]


async def test_the_format_of_a_running_camera_changes(hidden_page: Page, session_id: str) -> None:
    changed = await run(hidden_page, PHOTOS["format"], "format", sessionId=session_id)
    assert {**await part(changed, "format"), "pixel_format": ""} == {
        "width": 640,
        "height": 480,
        "fps": 15,
        "pixel_format": "",
    }


async def test_a_page_with_installed_media_devices_shows_a_camera_by_get_user_media(
    hidden_page: Page, hidden_carrier: Carrier, video: JSHandle
) -> None:
    snippets = named("docs/media-devices.md", "js")
    installed = await run(hidden_page, snippets["install"], "uninstall")
    used = await run(hidden_page, snippets["use"], "track")
    await shows(video)
    await used.evaluate("({ track }) => track.stop()")
    await hidden_carrier.wait_for("connection_state", lambda event: event["state"] == "closed")
    (from_readme,) = [block.text for block in blocks("README.md", "js") if "getUserMedia" in block.text]
    await run(hidden_page, from_readme)
    await shows(video)
    await installed.evaluate("({ uninstall }) => uninstall()")


async def test_the_readme_shows_a_camera_with_the_player(hidden_page: Page) -> None:
    (show,) = [block.text for block in blocks("README.md", "js") if "showCamera" in block.text]
    await hidden_page.evaluate(MAKE_ELEMENT)
    await run(hidden_page, show)
    await hidden_page.wait_for_selector(LIVE, timeout=PATIENCE * 1000)


async def test_the_page_of_the_electron_app_shows_a_camera_through_its_preload_script(hidden_page: Page) -> None:
    await hidden_page.evaluate(MAKE_ELEMENT)
    await hidden_page.evaluate(PRELOADED)
    await run(hidden_page, named("docs/getting-started/electron.md", "js")["page"])
    await hidden_page.wait_for_selector(LIVE, timeout=PATIENCE * 1000)
