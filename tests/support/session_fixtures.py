"""Fixtures for tests of cameras, streams and connections, on the test's event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.drivers import Drivers
from sidecar.connections.connections import Connections
from sidecar.streams.sessions import Sessions
from tests.support.notifications import Notifications


@pytest.fixture
def notifications() -> Notifications:
    return Notifications()


@pytest.fixture
async def sessions(notifications: Notifications) -> AsyncIterator[Sessions]:
    sessions = Sessions(Drivers(Catalogue()), notifications)
    yield sessions
    await sessions.aclose()


@pytest.fixture
async def connections(sessions: Sessions, notifications: Notifications) -> AsyncIterator[Connections]:
    connections = Connections(sessions, notifications)
    yield connections
    await connections.aclose()
