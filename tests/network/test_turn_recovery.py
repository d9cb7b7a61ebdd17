"""A viewer behind a relay that fails and returns: the same session goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sidecar.connections.connections import Connections
from tests.support.connection_rig import Rig
from tests.support.coturn import Coturn, needs_coturn
from tests.support.notifications import Notifications

pytestmark = [needs_coturn, pytest.mark.usefixtures("only_relayed_packets"), pytest.mark.timeout(120)]

URLS = {"udp": "turn:127.0.0.1:{port}", "tcp": "turn:127.0.0.1:{port}?transport=tcp"}
OUTAGE = 5.0
"""Seconds without packets."""

BACK_WITHIN = 10.0
"""Seconds until the viewer is connected again: a try every 7 s at the longest, and time for a busy machine."""


@asynccontextmanager
async def relayed(
    turn_server: Coturn, connections: Connections, notifications: Notifications, url: str
) -> AsyncIterator[Rig]:
    rig = Rig(connections, notifications, [turn_server.ice_server(url)])
    answering = asyncio.create_task(answer_all(rig))
    try:
        await rig.connect()
        pair = rig.connection.peer.stats().candidate_pair
        assert pair is not None
        assert pair.local.type == "relay"
        yield rig
    finally:
        answering.cancel()
        await asyncio.wait([answering])
        await rig.close_connection()
        await rig.close()


async def answer_all(rig: Rig) -> None:
    """Answer as a frontend with a page that can only restart ICE."""
    answered = 0

    def is_new(_: object) -> bool:
        return len(rig.offers) > answered

    while True:
        await rig.notifications.wait_for("renegotiation_offer", is_new)
        offer = rig.offers[answered]
        answered += 1
        if not offer["replaces_peer"]:
            await rig.answer_restart(offer)


@pytest.mark.parametrize("transport", URLS)
async def test_a_session_goes_on_when_the_way_to_its_relay_is_back(
    transport: str, turn_server: Coturn, connections: Connections, notifications: Notifications
) -> None:
    async with relayed(turn_server, connections, notifications, URLS[transport]) as rig:
        turn_server.freeze()
        await rig.until_state("disconnected")
        await asyncio.sleep(OUTAGE)
        turn_server.thaw()
        async with asyncio.timeout(BACK_WITHIN):
            await rig.until_state("connected", 2)
        await rig.pictures(rig.viewer)


@pytest.mark.parametrize("transport", URLS)
async def test_a_session_goes_on_by_another_relay_when_the_server_has_forgotten_its_own(
    transport: str, turn_server: Coturn, connections: Connections, notifications: Notifications
) -> None:
    async with relayed(turn_server, connections, notifications, URLS[transport]) as rig:
        await turn_server.kill()
        await rig.until_state("disconnected")
        await asyncio.sleep(OUTAGE)
        await turn_server.start()
        async with asyncio.timeout(2 * BACK_WITHIN):
            await rig.until_state("connected", 2)
        assert rig.connection.generation > 0
        pair = rig.connection.peer.stats().candidate_pair
        assert pair is not None
        assert pair.local.type == "relay"
        await rig.pictures(rig.viewer)
