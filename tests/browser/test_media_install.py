"""The installation of the media devices in Chromium: modes, what it replaces, and how it is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from chromium_options import PLAIN_ADDRESSES
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import Pages, chromium, needs_chromium
from tests.support.media_page import installed, one_sidecar
from tests.support.player import WITHOUT_WEBRTC

pytestmark = [needs_chromium, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

FAKE_AUDIO = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

# The own properties of the objects that the installation touches, and the identity of their values.
SNAPSHOT = """() => {
  window.seen ??= [];
  const idOf = (value) => (seen.includes(value) ? seen.indexOf(value) : seen.push(value) - 1);
  const ownOf = (object) => Object.entries(Object.getOwnPropertyDescriptors(object ?? {}))
    .map(([name, { value, get, ...flags }]) => [name, idOf(value), idOf(get), flags]);
  const { value, ...flags } = Object.getOwnPropertyDescriptor(globalThis, "ImageCapture");
  return JSON.stringify([
    [navigator, navigator.mediaDevices, navigator.permissions].map(ownOf),
    [idOf(value), flags],
  ]);
}"""

INSTALL = """async options => {
  const { installMediaDevices } = await import("/shell/media-devices/index.js");
  window.uninstall = installMediaDevices(options ?? undefined);
}"""

LABELS = """async () => (await navigator.mediaDevices.enumerateDevices())
  .filter(({ kind }) => kind === "videoinput").map(({ label }) => label)"""

FIRST_TRACK = """async constraints => {
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  const [track] = stream.getVideoTracks();
  const found = [track.label, track.readyState];
  track.stop();
  return found;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carrier(sidecar_program: str | None) -> AsyncIterator[Carrier]:
    """One sidecar for all tests; each of them has a page of its own."""
    async with one_sidecar(sidecar_program) as carrier:
        yield carrier


async def test_uninstall_restores_everything_exactly(page: Page) -> None:
    before = await page.evaluate(SNAPSHOT)
    await page.evaluate(INSTALL)
    assert await page.evaluate(SNAPSHOT) != before
    assert await page.evaluate(LABELS) == ["Test picture"]
    await page.evaluate("uninstall()")
    assert await page.evaluate(SNAPSHOT) == before
    await page.evaluate("uninstall()")
    assert await page.evaluate(SNAPSHOT) == before
    assert await page.evaluate(LABELS) == []


async def test_a_second_installation_changes_nothing(page: Page) -> None:
    before = await page.evaluate(SNAPSHOT)
    await page.evaluate(INSTALL)
    after = await page.evaluate(SNAPSHOT)
    await page.evaluate(INSTALL)
    assert await page.evaluate(SNAPSHOT) == after
    await page.evaluate("uninstall()")
    assert await page.evaluate(SNAPSHOT) == before


@pytest.mark.parametrize("mode", ["never", "when-missing"])
async def test_a_webview_with_a_getusermedia_of_its_own_keeps_it(page: Page, mode: str) -> None:
    before = await page.evaluate(SNAPSHOT)
    await page.evaluate(INSTALL, {"mode": mode})
    assert await page.evaluate(SNAPSHOT) == before


async def test_an_unknown_mode_is_a_typeerror(page: Page) -> None:
    before = await page.evaluate(SNAPSHOT)
    failure = f"options => ({INSTALL})(options).catch(String)"
    assert await page.evaluate(failure, {"mode": "sometimes"}) == (
        'TypeError: mode must be "always", "when-missing" or "never", not "sometimes".'
    )
    assert await page.evaluate(SNAPSHOT) == before


async def test_a_page_without_mediadevices_gets_them_when_they_are_missing(page: Page) -> None:
    await page.context.grant_permissions(["local-network-access"])
    await page.evaluate("() => { delete Navigator.prototype.mediaDevices; }")
    before = await page.evaluate(SNAPSHOT)
    await page.evaluate(INSTALL, {"mode": "when-missing"})
    assert await page.evaluate(FIRST_TRACK, {"video": True}) == ["Test picture", "live"]
    assert (
        await page.evaluate("navigator.mediaDevices.getUserMedia({ audio: true }).catch(({ name }) => name)")
        == "NotFoundError"
    )
    await page.evaluate("uninstall()")
    assert await page.evaluate("'mediaDevices' in navigator") is False
    assert await page.evaluate(SNAPSHOT) == before


async def test_an_adapter_can_replace_getusermedia(page: Page) -> None:
    await installed(page)
    await page.evaluate("""() => {
      const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.calls = 0;
      navigator.mediaDevices.getUserMedia = (constraints) => { calls++; return original(constraints); };
    }""")
    assert await page.evaluate(FIRST_TRACK, {"video": True}) == ["Test picture", "live"]
    assert await page.evaluate("calls") == 1


@pytest.mark.parametrize("missing", [(), WITHOUT_WEBRTC], ids=["with WebRTC", "without WebRTC"])
async def test_no_body_is_needed(page: Page, missing: tuple[str, ...]) -> None:
    await page.evaluate("document.body.remove()")
    await installed(page, *missing)
    assert await page.evaluate(FIRST_TRACK, {"video": True}) == ["Test picture", "live"]


async def test_the_methods_work_without_an_installation(page: Page) -> None:
    before = await page.evaluate(SNAPSHOT)
    found = await page.evaluate("""async () => {
      const { mediaDevices } = await import("/shell/media-devices/index.js");
      const [{ label }] = (await mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
      const [track] = (await mediaDevices.getUserMedia({ video: true })).getTracks();
      track.stop();
      let heard = 0;
      mediaDevices.ondevicechange = () => heard++;
      deliver(["cameras_changed", { cameras: [], added: [], removed: [] }]);
      return [label, track.label, heard];
    }""")
    assert found == ["Test picture", "Test picture", 1]
    assert await page.evaluate(SNAPSHOT) == before


async def test_other_tracks_keep_the_image_capture_of_the_webview(page: Page) -> None:
    await installed(page)
    found = await page.evaluate("""async () => {
      const canvas = document.createElement("canvas");
      canvas.getContext("2d");
      const [track] = canvas.captureStream().getTracks();
      const capture = new ImageCapture(track);
      const stream = await navigator.mediaDevices.getUserMedia({ video: true });
      const ours = new ImageCapture(stream.getVideoTracks()[0]);
      stream.getVideoTracks()[0].stop();
      const own = (object) => Object.getPrototypeOf(object) === ImageCapture.prototype;
      return [capture instanceof ImageCapture, own(capture), ours instanceof ImageCapture, own(ours)];
    }""")
    assert found == [True, True, True, False]


async def test_the_permission_of_others_is_the_webview_s(page: Page) -> None:
    await installed(page)
    query = "name => navigator.permissions.query({ name }).then((status) => status instanceof PermissionStatus)"
    assert await page.evaluate(query, "geolocation") is True


async def test_the_webview_s_audio_stands_beside_the_cameras(carrier: Carrier) -> None:
    async with chromium([PLAIN_ADDRESSES, *FAKE_AUDIO]) as browser:
        pages = Pages(browser, carrier)
        page = await installed(await pages.open())
        kinds = await page.evaluate(
            "navigator.mediaDevices.enumerateDevices().then((all) => all.map(({ kind, label }) => [kind, label]))"
        )
        found: dict[str, Any] = await page.evaluate("""async () => {
          const kindsOf = (stream) => stream.getTracks().map(({ kind }) => kind);
          const stop = (stream) => stream.getTracks().forEach((track) => track.stop());
          const both = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
          const clone = both.clone();
          const audio = await navigator.mediaDevices.getUserMedia({ audio: true });
          const found = { both: kindsOf(both), clone: kindsOf(clone), audio: kindsOf(audio) };
          [both, clone, audio].forEach(stop);
          const impossible = { audio: true, video: { width: { exact: 77 } } };
          found.error = await navigator.mediaDevices.getUserMedia(impossible).catch(({ name }) => name);
          return found;
        }""")
        await pages.close()
    assert [label for kind, label in kinds if kind == "videoinput"] == ["Test picture"]
    assert "audioinput" in {kind for kind, _ in kinds}
    assert found == {
        "both": ["audio", "video"],
        "clone": ["audio", "video"],
        "audio": ["audio"],
        "error": "OverconstrainedError",
    }
    assert pages.complaints == []
