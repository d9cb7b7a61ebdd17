from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sidecar.local_stream.server import Invitation, LocalServer
from tests.support.local_guest import Guest


@pytest.fixture
def guest() -> Guest:
    return Guest()


@pytest.fixture
async def server() -> LocalServer:
    return LocalServer(["https://app.example"])


@pytest.fixture
async def invitation(server: LocalServer, guest: Guest) -> AsyncIterator[Invitation]:
    invitation = await server.invite(guest)
    yield invitation
    await server.withdraw(invitation, "the test ends")
