"""The quality of the picture on the page, with a real fault."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.player import Player, show_camera
from tests.support.thin_link import (
    Impairment,
    ThisMachine,
    candidate_address,
    relay,
    with_only_candidate,
    without_candidates,
)
from tests.support.videos import write_video

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

LOOPBACK = "127.0.0.1"
LOSSY = Impairment(loss=0.15, delay=0.02)
SLOW_FPS = 6
HUGE = {"width": 3840, "height": 2160, "fps": 60}
"""More than today's processors encode in software, even when idle."""


@pytest.fixture
def sidecar_arguments(tmp_path: Path) -> list[str]:
    return ["--allow-source", f"file:{tmp_path}/*"]


async def quality(player: Player, expression: str) -> dict[str, Any]:
    """Wait until the view's quality fits and return it; `quality` is its name in the expression."""
    await player.until(f"(({{ quality }}) => quality && ({expression}))(view)")
    found: dict[str, Any] = await player.get("view.quality")
    return found


async def test_a_camera_that_gives_few_pictures_is_the_reason(page: Page, tmp_path: Path) -> None:
    video = write_video(tmp_path / "slow.mp4", size=(320, 180), fps=SLOW_FPS)
    player = await show_camera(page, f"file:{video}", format={"fps": 30})
    found = await quality(player, 'quality.reason === "camera"')
    assert found["level"] == "poor"
    assert found["hint"].startswith(f"The camera gives {SLOW_FPS} of 30 pictures a second.")
    badge = page.locator(".camera-view-quality")
    await expect(badge).to_be_visible()
    assert (await badge.inner_text()).strip() == "Poor: camera"
    await badge.focus()
    assert "More light" in await badge.inner_text()


async def test_the_same_camera_is_good_when_no_more_was_asked_for(page: Page, tmp_path: Path) -> None:
    video = write_video(tmp_path / "slow.mp4", size=(320, 180), fps=SLOW_FPS)
    player = await show_camera(page, f"file:{video}", format={})
    found = await quality(player, 'quality.reason !== "camera"')
    assert found["reason"] in (None, "cpu"), "a machine that does other things as well may be busy"


class Detour:
    """The way of a page's requests on which the picture's packets get a relay in their way."""

    def __init__(self, carrier: Carrier, impairment: Impairment, relays: AsyncExitStack) -> None:
        self._carry = carrier.carry
        self._impairment = impairment
        self._relays = relays

    async def carry(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """As Carrier.carry. The sidecar hears of no candidate of the page, the page of the relay alone."""
        if method == "add_ice_candidate" and params["candidate"] is not None:
            return {"result": {}}
        if method == "set_remote_description":
            params["description"]["sdp"] = without_candidates(params["description"]["sdp"])
        answer = await self._carry(method, params)
        if method == "start_camera_webrtc_session":
            target = candidate_address(answer["result"]["sdp"], LOOPBACK)
            way = relay(ThisMachine(), target, self._impairment, host=LOOPBACK)
            address = await self._relays.enter_async_context(way)
            answer["result"]["sdp"] = with_only_candidate(answer["result"]["sdp"], address)
        return answer


async def test_a_network_that_loses_packets_is_the_reason(
    page: Page, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as relays:
        monkeypatch.setattr(carrier, "carry", Detour(carrier, LOSSY, relays).carry)
        player = await show_camera(page)
        found = await quality(player, 'quality.reason === "network"')
        assert found["level"] in ("fair", "poor")
        await expect(page.locator(".camera-view-quality")).to_contain_text("network")
        await player.get("view.stop()")


async def test_a_picture_that_is_too_big_for_the_processor_says_so(page: Page) -> None:
    player = await show_camera(page, format=HUGE)
    found = await quality(player, 'quality.reason === "cpu"')
    assert found["level"] in ("fair", "poor")
    assert "smaller picture" in found["hint"]
    await expect(page.locator(".camera-view-quality")).to_contain_text("processor")
