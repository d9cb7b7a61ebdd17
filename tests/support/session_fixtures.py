"""Fixtures for tests of cameras, streams and connections, in the loop of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.drivers import Drivers
from sidecar.connections.registry import Connections
from sidecar.streams.registry import Cameras
from tests.support.notifications import Notifications


@pytest.fixture
def notifications() -> Notifications:
    return Notifications()


@pytest.fixture
async def cameras(notifications: Notifications) -> AsyncIterator[Cameras]:
    cameras = Cameras(Drivers(Catalogue()), notifications)
    yield cameras
    await cameras.aclose()


@pytest.fixture
async def connections(cameras: Cameras, notifications: Notifications) -> AsyncIterator[Connections]:
    connections = Connections(cameras, notifications)
    yield connections
    await connections.aclose()
