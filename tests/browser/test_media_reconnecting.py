"""A page's track in Chromium while the path to the sidecar is lost: it is muted, and goes on over a new peer."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.support.carrier import PATIENCE, Carrier
from tests.support.chromium import needs_chromium
from tests.support.media_page import installed, more_frames, open_track
from tests.support.namespaces import NetworkNamespace, needs_namespaces, silence

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_track_goes_on_over_a_fresh_peer(
    hidden_page: Page, hidden_carrier: Carrier, namespace: NetworkNamespace
) -> None:
    await installed(hidden_page)
    await open_track(hidden_page, {"deviceId": "test:pattern"})
    async with silence(namespace):
        await hidden_page.wait_for_function("track.muted")
        await hidden_carrier.wait_for("renegotiation_offer", lambda offer: offer["replaces_peer"], timeout=2 * PATIENCE)
    await hidden_page.wait_for_function("!track.muted", timeout=1000 * PATIENCE)
    await more_frames(hidden_page, 30)
    assert await hidden_page.evaluate("[track.readyState, clone.readyState]") == ["live", "live"]
    assert (await hidden_page.evaluate("events"))[:2] == ["mute", "unmute"]
    assert len((await hidden_carrier.call("get_stats"))["cameras"]) == 1
