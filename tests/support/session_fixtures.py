"""Fixtures for tests of sessions/, in the loop of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.sessions.cameras import Cameras
from sidecar.sessions.connections import Connections
from tests.support.notifications import Notifications


@pytest.fixture
def notifications() -> Notifications:
    return Notifications()


@pytest.fixture
async def cameras(notifications: Notifications) -> AsyncIterator[Cameras]:
    cameras = Cameras(Catalogue(), notifications)
    yield cameras
    await cameras.aclose()


@pytest.fixture
async def connections(cameras: Cameras, notifications: Notifications) -> AsyncIterator[Connections]:
    connections = Connections(cameras, notifications)
    yield connections
    await connections.aclose()
