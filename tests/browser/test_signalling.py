"""Descriptions and candidates: both roles, any order, and the failure without them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.viewer import SIZE, Viewer

pytestmark = [needs_chromium, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]

CONNECT_SECONDS = 15.0
SPARE_SECONDS = 5.0  # for a machine that does other things as well
SESSION = {"deviceId": "test:pattern", "format": SIZE}
NOBODY = {"candidate": "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host", "sdpMid": "0"}

Candidate = dict[str, Any] | None
ANSWER = "answer"  # in an order of candidates: here goes the answer

ORDERS: dict[str, Callable[[list[Candidate]], list[Candidate | str]]] = {
    "the answer before the candidates": lambda found: [ANSWER, *found],
    "the candidates before the answer": lambda found: [*found, ANSWER],
    "the end before the candidates": lambda found: [ANSWER, None, *reversed(found)],
    "some before and some twice": lambda found: [*found[:1], ANSWER, *found, *found],
    "without the number of the section": lambda found: [ANSWER, *(without(each, "sdpMLineIndex") for each in found)],
    "without any section": lambda found: [ANSWER, *(without(each, "sdpMLineIndex", "sdpMid") for each in found)],
}


def without(candidate: Candidate, *names: str) -> Candidate:
    """The candidate, with members left out."""
    return candidate and {name: value for name, value in candidate.items() if name not in names}


async def prepared(page: Page) -> tuple[Viewer, list[Candidate]]:
    """A viewer that is ready to answer, and knows no candidate of the sidecar; and its own candidates."""
    viewer = await Viewer.open(page)
    await viewer.do("prepare", SESSION)
    viewer.connection_id = await viewer.get("connectionId")
    return viewer, await viewer.get("found")


async def test_the_page_may_say_what_it_has_in_any_order(page: Page) -> None:
    for name, order in ORDERS.items():
        viewer, found = await prepared(page)
        assert len(found) > 1, name
        for each in order(found):
            await (viewer.do("sendAnswer") if each == ANSWER else viewer.do("send", each))
        await viewer.frames(3)
        await viewer.close()


async def test_the_page_may_offer_before_or_after_the_camera_is_there(page: Page) -> None:
    for camera_first in (True, False):
        viewer = await Viewer.open(page)
        await viewer.do("offer", "test:pattern", {"cameraFirst": camera_first})
        await viewer.frames()
        assert await viewer.size() == (1280, 720)
        assert (await viewer.close())["camera_released"]


async def test_an_answer_that_cannot_be_read_may_be_followed_by_one_that_can(page: Page) -> None:
    viewer, found = await prepared(page)
    kind = await viewer.handle.evaluate(
        "viewer => viewer.sendAnswer('v=0').then(() => 'taken', (error) => error.data.kind)"
    )
    assert kind == "invalid_sdp"
    await viewer.do("sendAnswer")
    for candidate in found:
        await viewer.do("send", candidate)
    await viewer.frames()


async def test_a_connection_that_does_not_come_up_fails_after_15_seconds_and_says_why(
    page: Page, carrier: Carrier
) -> None:
    silent, _ = await prepared(page)
    unreachable, _ = await prepared(page)
    begun = time.monotonic()
    for viewer in (silent, unreachable):
        await viewer.do("sendAnswer")
    await unreachable.do("send", NOBODY)
    reasons = [
        await carrier.state(viewer.connection_id, "failed", timeout=CONNECT_SECONDS + SPARE_SECONDS)
        for viewer in (silent, unreachable)
    ]
    assert time.monotonic() - begun > CONNECT_SECONDS - 1
    assert reasons == [
        "no remote candidate arrived: pass the peer's candidates on with add_ice_candidate",
        "no candidate pair answered: a firewall may be in the way, or a TURN server is needed",
    ]
    for viewer in (silent, unreachable):
        await carrier.state(viewer.connection_id, "closed")
    assert await carrier.open_cameras() == set()


async def test_many_viewers_may_start_at_once(page: Page, carrier: Carrier) -> None:
    viewers = [await Viewer.open(page) for _ in range(4)]
    await page.evaluate(
        "([viewers, params]) => Promise.all(viewers.map((viewer) => viewer.show(params)))",
        [[viewer.handle for viewer in viewers], SESSION],
    )
    for viewer in viewers:
        await viewer.frames(2)
    (camera,) = (await carrier.call("get_stats"))["cameras"]
    assert camera["viewers"] == len(viewers)
