"""The page and the server of docs/getting-started/html.md, as they stand but for the port, in Chromium."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import tarfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import pytest_asyncio
from chromium_options import PLAIN_ADDRESSES
from player_package import pack

from tests.support.chromium import chromium, needs_chromium
from tests.support.documented import named
from tests.support.node import FRONTEND
from tests.support.sidecar_process import ROOT

PAGE = "docs/getting-started/html.md"
PORT = "8000"
SCRIPT = "camera-sidecar.iife.js"
PATIENCE = 30.0
LIVE = "() => document.querySelector('#camera .camera-view')?.dataset.state === 'live'"

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(not (FRONTEND / "esbuild").exists(), reason="the packages of tauri-shell are not installed"),
    pytest.mark.timeout(180),
]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The script of the packed npm package."""
    with tarfile.open(pack(tmp_path_factory.mktemp("package"), FRONTEND)) as package:
        member = package.extractfile(f"package/dist/{SCRIPT}")
        assert member is not None
        return member.read()


@pytest_asyncio.fixture
async def address(script: bytes, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the example's running server."""
    port = str(free_port())
    (html,) = named(PAGE, "html").values()
    (tmp_path / "index.html").write_text(html.replace(PORT, port), "utf-8")
    (tmp_path / "server.py").write_text(named(PAGE, "python")["server"].replace(PORT, port), "utf-8")
    (tmp_path / SCRIPT).write_bytes(script)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = await asyncio.create_subprocess_exec(
        sys.executable, "server.py", cwd=tmp_path, env=environment, stderr=PIPE
    )
    try:
        await listening(int(port))
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        _, complaints = await server.communicate()
    assert not re.search(rb"^\w*Error", complaints, re.MULTILINE), complaints.decode()


def free_port() -> int:
    """A port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listening(port: int) -> None:
    """Wait until a server listens."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def test_the_page_shows_a_camera(address: str) -> None:
    async with chromium([PLAIN_ADDRESSES]) as browser:
        page = await browser.new_page()
        await page.goto(address)
        await page.wait_for_function(LIVE, timeout=PATIENCE * 1000)
        assert await page.evaluate("document.querySelector('#camera').clientHeight") == 360


async def test_the_server_lets_no_other_page_in(address: str) -> None:
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://elsewhere.example"}
    handshake |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    with pytest.raises(HTTPError, match="403"):
        await asyncio.to_thread(urlopen, Request(address, headers=handshake))
