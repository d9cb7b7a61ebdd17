"""Browsers hide their addresses behind mDNS names: with names that resolve and with names that do not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.support.carrier import Carrier
from tests.support.chromium import needs_chromium
from tests.support.namespaces import NetworkNamespace, needs_namespaces
from tests.support.viewer import SIZE, Viewer, open_viewer

pytestmark = [
    needs_chromium,
    needs_namespaces,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

MULTICAST = "224.0.0.0/4"
UNKNOWN_NAME = "c0ffee00-0000-4000-8000-000000000000.local"


async def remote_type(carrier: Carrier, viewer: Viewer) -> str:
    """The type of the viewer's candidate, as the sidecar sees it."""
    (connection,) = (await carrier.call("get_stats", connection_id=viewer.connection_id))["connections"]
    found: str = connection["candidate_pair"]["remote"]["type"]
    return found


async def hidden_candidates(viewer: Viewer) -> list[dict[str, str]]:
    """Return the viewer's candidates; all addresses are hidden."""
    found = [candidate for candidate in await viewer.get("found") if candidate]
    assert found
    assert all(candidate["candidate"].split()[4].endswith(".local") for candidate in found)
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def no_multicast(namespace: NetworkNamespace) -> AsyncIterator[None]:
    """No name can be resolved."""
    await namespace.run("ip", "route", "add", "unreachable", MULTICAST)
    yield
    await namespace.run("ip", "route", "del", "unreachable", MULTICAST)


async def test_a_hidden_name_is_all_that_the_sidecar_needs(hidden_page: Page, hidden_carrier: Carrier) -> None:
    # The page knows no candidate of the sidecar, so the first packet must come from there.
    viewer = await Viewer.open(hidden_page)
    await viewer.do("prepare", {"deviceId": "test:pattern", "format": SIZE})
    viewer.connection_id = await viewer.get("connectionId")
    await viewer.do("sendAnswer")
    for candidate in await hidden_candidates(viewer):
        await viewer.do("send", candidate)
    await viewer.frames()
    assert await remote_type(hidden_carrier, viewer) == "host"


@pytest.mark.usefixtures("no_multicast")
async def test_without_multicast_the_page_is_found_by_its_own_checks(
    hidden_page: Page, hidden_carrier: Carrier
) -> None:
    viewer = await open_viewer(hidden_page, "test:pattern")
    await hidden_candidates(viewer)
    assert await remote_type(hidden_carrier, viewer) == "prflx"


async def test_a_name_that_nobody_answers_to_holds_nothing_up(hidden_page: Page, hidden_carrier: Carrier) -> None:
    viewer = await Viewer.open(hidden_page)
    await viewer.handle.evaluate(
        """(viewer, name) => {
          const send = viewer.send.bind(viewer);
          const rename = (line) => line.replace(/[^ ]+\\.local/, name);
          viewer.send = (candidate) => send(candidate && { ...candidate, candidate: rename(candidate.candidate) });
        }""",
        UNKNOWN_NAME,
    )
    await viewer.show("test:pattern")
    await viewer.frames()
    assert await remote_type(hidden_carrier, viewer) == "prflx"
