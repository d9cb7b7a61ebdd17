from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sidecar.local_stream.server import Invitation, LocalServer
from tests.support.invitation_listener import RecordingListener


@pytest.fixture
def listener() -> RecordingListener:
    return RecordingListener()


@pytest.fixture
async def server() -> LocalServer:
    return LocalServer(["https://app.example"])


@pytest.fixture
async def invitation(server: LocalServer, listener: RecordingListener) -> AsyncIterator[Invitation]:
    invitation = await server.invite(listener)
    yield invitation
    await server.withdraw(invitation, "the test ends")
