"""The demo's server: its access control, and the end of the processes behind the pages."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from demo_server import CLOSE_LIMIT, MAX_PAGES, DemoServer, demo_files
from demo_sidecar import END_LIMIT, KILL_LIMIT
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from sidecar.local_stream.server import PATH
from tests.support.busy_machine import SLACK

LIMIT = 20.0  # seconds; for a slow machine to start a process

# Writes its process id, then echoes its input until the input ends.
ECHO = """
import os, sys
print(os.getpid(), flush=True)
for line in sys.stdin: print(line, end="", flush=True)
"""
# Hears neither the end of its standard input nor a request to terminate.
DEAF = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(600)
"""


@dataclass
class Served:
    """A server that listens, and its page's address in parts."""

    authority: str
    path: str
    launch_path: str

    def get(self, path: str, *, host: str | None = None, method: str = "GET") -> http.client.HTTPResponse:
        """One request; `host` stands in for the right Host header."""
        connection = http.client.HTTPConnection(self.authority, timeout=LIMIT)
        connection.request(method, path, headers={"Host": host or self.authority})
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def page(self, *, origin: str | None = None) -> connect:
        """A page's WebSocket, as its own script opens it."""
        origin = f"http://{self.authority}" if origin is None else origin
        return connect(f"ws://{self.authority}{self.path}rpc", additional_headers={"Origin": origin}, proxy=None)


@asynccontextmanager
async def serving(program: str = ECHO) -> AsyncIterator[Served]:
    """A server with a Python program as its sidecar."""
    demo = DemoServer([sys.executable, "-c", program], demo_files())
    async with demo.listening(0):
        address = urlsplit(demo.address)
        yield Served(address.netloc, address.path, urlsplit(demo.launch_address).path)


async def child_of(page: ClientConnection) -> psutil.Process:
    """The process behind a page."""
    async with asyncio.timeout(LIMIT):
        return psutil.Process(int(await page.recv()))


async def ended(process: psutil.Process, limit: float = LIMIT) -> bool:
    """Whether a process ends within a limit."""
    try:
        await asyncio.to_thread(process.wait, limit)
    except psutil.TimeoutExpired:
        return False
    except psutil.NoSuchProcess:
        pass
    return True


async def test_the_page_is_served_at_its_secret_and_nowhere_else() -> None:
    async with serving() as served:
        page = await asyncio.to_thread(served.get, served.path)
        assert (page.status, page.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
        for path in ["/", "/index.html", f"/{'x' * (len(served.path) - 2)}/", served.path[:-1], "/rpc", "//", "/..%2f"]:
            assert (await asyncio.to_thread(served.get, path)).status == 404, path


async def test_the_address_on_the_browsers_command_line_leads_to_the_page_once() -> None:
    async with serving() as served:
        assert served.launch_path.strip("/") not in served.path
        first = await asyncio.to_thread(served.get, served.launch_path)
        assert (first.status, first.getheader("Location")) == (303, served.path)
        for path in [served.launch_path, "", "/"]:
            assert (await asyncio.to_thread(served.get, path)).status == 404


async def test_only_files_of_the_frontend_are_served() -> None:
    async with serving() as served:
        outside = ["../package.json", "..%2fpackage.json", "camera-sidecar/../package.json"]
        for path in [*outside, "camera-sidecar/contract.d.ts", "app", "app/", "nothing.js"]:
            assert (await asyncio.to_thread(served.get, served.path + path)).status == 404, path
        assert (await asyncio.to_thread(served.get, served.path + "app/main.js?x=1")).status == 200
        assert (await asyncio.to_thread(served.get, served.path + "camera-sidecar/index.js")).status == 200
        assert (await asyncio.to_thread(served.get, served.path, method="DELETE")).status == 405


async def test_a_request_that_names_another_host_is_refused_against_dns_rebinding() -> None:
    async with serving() as served:
        port = served.authority.partition(":")[2]
        for host in ["evil.example", f"evil.example:{port}", f"localhost:{port}", "127.0.0.1"]:
            assert (await asyncio.to_thread(served.get, served.path, host=host)).status == 421, host


async def test_the_page_may_load_nothing_but_itself_and_connect_only_to_its_socket_and_to_local_streams() -> None:
    async with serving() as served:
        page = await asyncio.to_thread(served.get, served.path)
    policy = dict(part.split(" ", 1) for part in (page.getheader("Content-Security-Policy") or "").split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == f"ws://{served.authority}{served.path}rpc ws://127.0.0.1:*{PATH}"
    assert {value for name, value in policy.items() if name.endswith("-src")} <= {
        "'none'",
        "'self'",
        "'self' blob:",
        policy["connect-src"],
    }
    assert page.getheader("Referrer-Policy") == "no-referrer"
    assert page.getheader("Cache-Control") == "no-store"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
async def test_the_socket_is_closed_to_other_pages(origin: str) -> None:
    async with serving() as served:
        with pytest.raises(InvalidStatus) as refused:
            async with served.page(origin=origin):
                pass
    assert refused.value.response.status_code == 403


async def test_messages_go_to_the_sidecar_and_back_one_a_line() -> None:
    async with serving() as served, served.page() as page:
        await child_of(page)
        await page.send('{"id":\n1}')
        await page.send(b"binary is none of ours")
        await page.send(json.dumps({"text": "é" * 100_000}))
        assert await page.recv() == '{"id": 1}'
        assert len(json.loads(await page.recv())["text"]) == 100_000


async def test_a_page_that_goes_takes_its_sidecar_with_it_and_no_other() -> None:
    async with serving() as served, served.page() as stays:
        kept = await child_of(stays)
        async with served.page() as goes:
            gone = await child_of(goes)
            goes.transport.abort()  # as when the browser is killed: no closing handshake
        assert await ended(gone)
        assert kept.is_running()
        await stays.send("still there")
        assert await stays.recv() == "still there"


async def test_a_sidecar_is_asked_to_end_before_it_is_made_to(tmp_path: Path) -> None:
    marker = tmp_path / "ended in order"
    program = f"import pathlib, sys; print(0, flush=True); sys.stdin.read(); pathlib.Path({str(marker)!r}).touch()"
    async with serving(program) as served, served.page() as page:
        await page.recv()
    assert marker.exists()


async def test_a_sidecar_that_ends_by_itself_closes_its_page_and_says_so() -> None:
    async with serving("print('bye')") as served, served.page() as page:
        assert await page.recv() == "bye"
        with pytest.raises(ConnectionClosedError) as closed:
            await page.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, "by itself" in closed.value.rcvd.reason) == (1011, True)


async def test_there_are_only_so_many_pages_and_a_closed_one_makes_room() -> None:
    async with serving() as served:
        pages = [await served.page() for _ in range(MAX_PAGES)]
        children = [await child_of(page) for page in pages]
        async with served.page() as one_more:
            with pytest.raises(ConnectionClosedError) as closed:
                await one_more.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        await pages[0].close()
        async with served.page() as next_one:  # at once, as a page that is loaded anew
            await child_of(next_one)
        assert await ended(children[0])
        await asyncio.gather(*(page.close() for page in pages))


async def test_ending_the_server_ends_every_sidecar_even_one_that_does_not_listen() -> None:
    async with serving(DEAF) as served:
        pages = [await served.page(), await served.page()]
        children = [await child_of(page) for page in pages]
        started = time.monotonic()
    assert time.monotonic() - started < END_LIMIT + KILL_LIMIT + SLACK  # the deaf sidecar would stay for ten minutes
    assert all([await ended(child, 0.1) for child in children])
    await asyncio.gather(*(page.close() for page in pages))


async def test_sockets_that_browsers_open_ahead_of_need_do_not_delay_the_end() -> None:
    async with serving() as served:
        host, port = served.authority.split(":")
        _, silent = await asyncio.open_connection(host, int(port))
        _, half = await asyncio.open_connection(host, int(port))
        half.write(b"GET / HTTP/1.1\r\n")
        await asyncio.to_thread(served.get, served.path)  # by now the server knows of the other two
        started = time.monotonic()
    assert time.monotonic() - started < CLOSE_LIMIT + SLACK  # the silent sockets would stay open for ever
    for socket in (silent, half):
        socket.close()
        await socket.wait_closed()
