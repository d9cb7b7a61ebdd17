"""The sidecar, and a page in Chromium that calls it. All of it runs in one event loop, the session's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from chromium_options import PLAIN_ADDRESSES
from playwright.async_api import Browser, Page

from sidecar.client import SidecarClient
from tests.conftest import StartSidecar
from tests.support.carrier import Carrier, carried
from tests.support.chromium import CHROMIUM, Pages, chromium
from tests.support.dns_server import name_server
from tests.support.namespaces import ADDRESS, NAME_SERVER, NetworkNamespace, network_namespace
from tests.support.sidecar_process import ROOT, sidecar_command
from tests.support.stun_servers import StunResponder
from tests.support.videos import write_video

STUN_NAME, STUN_PORT = "stun.l.google.com", 19302
"""The public server that the guide names; in the namespace one of ours answers there."""

logger = logging.getLogger(__name__)


def children_of(client: SidecarClient) -> list[psutil.Process]:
    """The processes that the sidecar started; none when it is gone."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(client.process.pid).children(recursive=True)
    return []


def check_end(client: SidecarClient) -> None:
    """Check that the sidecar ended in order; its log stands in the report of a failed test."""
    logger.info("the sidecar's log:\n%s", "\n".join(client.stderr))
    assert client.process.returncode == 0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plain_chromium() -> AsyncIterator[Browser]:
    """One browser for all tests that can bear its plain addresses."""
    async with chromium([PLAIN_ADDRESSES]) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def namespace(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NetworkNamespace]:
    """A network of the tests' own."""
    async with (
        network_namespace(tmp_path_factory.mktemp("namespace")) as made,
        name_server({STUN_NAME: ADDRESS}, made.udp_socket(NAME_SERVER)),
    ):
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hiding_chromium(
    namespace: NetworkNamespace, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A browser as people have it: its addresses are hidden behind mDNS names. It lives in the namespace."""
    script = namespace.script(tmp_path_factory.mktemp("chromium") / "chromium", str(CHROMIUM))
    async with chromium(program=script) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def stun(namespace: NetworkNamespace) -> AsyncIterator[StunResponder]:
    """The STUN server of the namespace."""
    loop = asyncio.get_running_loop()
    sock = namespace.udp_socket((ADDRESS, STUN_PORT))
    transport, responder = await loop.create_datagram_endpoint(lambda: StunResponder(None), sock=sock)
    yield responder
    transport.close()


@pytest_asyncio.fixture(loop_scope="session")
async def clip(tmp_path: Path) -> Path:
    """A video that stands for the machine's camera."""
    return write_video(tmp_path / "clip.mp4", size=(320, 180))


@pytest_asyncio.fixture(loop_scope="session")
async def hidden_carrier(
    namespace: NetworkNamespace, sidecar_program: str | None, clip: Path, hiding_chromium: Browser
) -> AsyncIterator[Carrier]:
    """A sidecar in the namespace. Its first camera is `clip`."""
    command = namespace.command(*sidecar_command(sidecar_program, "--allow-source", f"file:{clip}"))
    async with SidecarClient.start(command, cwd=str(ROOT)) as client, carried(client) as started:
        yield started
    check_end(client)


@pytest_asyncio.fixture(loop_scope="session")
async def hidden_page(hiding_chromium: Browser, hidden_carrier: Carrier) -> AsyncIterator[Page]:
    """A page in the namespace."""
    opened = Pages(hiding_chromium, hidden_carrier)
    yield await opened.open()
    await opened.close()
    assert opened.complaints == []


@pytest.fixture
def sidecar_arguments() -> list[str]:
    """The sidecar's command line; a test module may override it."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def carrier(
    start_sidecar: StartSidecar, sidecar_arguments: list[str], plain_chromium: Browser
) -> AsyncIterator[Carrier]:
    """A sidecar that has just started and, by the end, has ended in order, with all that it started."""
    async with start_sidecar(*sidecar_arguments) as client, carried(client) as started:
        yield started
        children = children_of(client)
    check_end(client)
    assert [child for child in children if child.is_running()] == []


@pytest_asyncio.fixture(loop_scope="session")
async def pages(plain_chromium: Browser, carrier: Carrier) -> AsyncIterator[Pages]:
    """Opens pages that call the sidecar."""
    opened = Pages(plain_chromium, carrier)
    yield opened
    await opened.close()
    assert opened.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(pages: Pages) -> Page:
    """One page that calls the sidecar."""
    return await pages.open()
