"""The demo's server: the shell's frontend on 127.0.0.1, and one sidecar for each page's WebSocket.

When a page closes or crashes, its WebSocket closes, its sidecar ends and its cameras are released. demo.py starts the
server inside the environment.

The address holds a secret that changes with every start; a request without it is refused. Requests must also name this
host (against DNS rebinding), and a WebSocket must have the page's origin (against other pages).
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import secrets
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

from demo import parse
from demo_sidecar import COMMAND, END_LIMIT, KILL_LIMIT, MAX_MESSAGE, Sidecar
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

HOST = "127.0.0.1"
SHELL = Path(__file__).resolve().parent.parent / "tauri-shell"
PAGE = SHELL / "src"
PLAYER = SHELL / "player" / "src"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
MAX_PAGES = 8
ROOM_LIMIT = END_LIMIT + KILL_LIMIT + 0.5  # seconds until the sidecar of a closed page has ended
CLOSE_LIMIT = 0.5  # seconds for a page to answer the closing of its WebSocket
SOCKET_PATH = "rpc"
LOCAL_STREAMS = "/camera-sidecar/"  # prefix of the paths of the sidecar's WebSockets, which may have any port


class DemoServer:
    """Serves a page's files and relays the messages between each page and its sidecar."""

    def __init__(self, sidecar_command: list[str], files: dict[str, Path]) -> None:
        self._sidecar_command = sidecar_command
        self._prefix = f"/{secrets.token_urlsafe(24)}/"
        self._launch_path = f"/{secrets.token_urlsafe(24)}"
        self._files = files
        self._authority = ""
        self._pages: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MAX_PAGES)

    @property
    def address(self) -> str:
        """The page's address, which contains the secret."""
        return f"http://{self._authority}{self._prefix}"

    @property
    def launch_address(self) -> str:
        """An address that redirects to the page once.

        A browser gets the address on its command line, which other users of the machine can read.
        """
        return f"http://{self._authority}{self._launch_path}"

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Serve on the loopback interface, 0 for any free port; leaving the context ends every page's sidecar."""
        server = await self._listen(port)
        try:
            yield
        finally:
            server.close()
            if self._pages:
                await asyncio.wait(self._pages)
            # Browsers open sockets in advance; a socket without a request must not delay the end.
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_LIMIT):
                    await server.wait_closed()

    async def _listen(self, port: int) -> Server:
        server = await serve(
            self._carry,
            HOST,
            port,
            process_request=self._respond,
            compression=None,
            max_size=MAX_MESSAGE,
            close_timeout=CLOSE_LIMIT,
            server_header=None,
            logger=quiet_logger(),
        )
        self._authority = f"{HOST}:{next(iter(server.sockets)).getsockname()[1]}"
        return server

    def _respond(self, page: ServerConnection, request: Request) -> Response | None:
        """Answer a request; None lets a WebSocket through."""
        if request.headers.get_all("Host") != [self._authority]:
            return refuse(page, HTTPStatus.MISDIRECTED_REQUEST)
        if request.method != "GET":
            return refuse(page, HTTPStatus.METHOD_NOT_ALLOWED)
        path = request.path.partition("?")[0]
        if self._launch_path and same(path, self._launch_path):
            return self._launch()
        if not same(path[: len(self._prefix)], self._prefix):
            return refuse(page, HTTPStatus.NOT_FOUND)
        name = path[len(self._prefix) :]
        return self._admit(page, request) if name == SOCKET_PATH else self._file(page, name or "index.html")

    def _launch(self) -> Response:
        self._launch_path = ""
        described = {"Location": self._prefix, "Content-Length": "0"}
        return Response(HTTPStatus.SEE_OTHER, "See Other", Headers(self._headers() | described))

    def _admit(self, page: ServerConnection, request: Request) -> Response | None:
        if request.headers.get_all("Origin") != [f"http://{self._authority}"]:
            return refuse(page, HTTPStatus.FORBIDDEN)
        return None

    def _file(self, page: ServerConnection, name: str) -> Response:
        file = self._files.get(name)
        if file is None or not file.is_file():
            return refuse(page, HTTPStatus.NOT_FOUND)
        body = file.read_bytes()
        described = {"Content-Type": CONTENT_TYPES[file.suffix], "Content-Length": str(len(body))}
        return Response(HTTPStatus.OK, "OK", Headers(self._headers() | described), body)

    def _headers(self) -> dict[str, str]:
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' blob:",  # the photos that the page takes
            "connect-src": f"ws://{self._authority}{self._prefix}{SOCKET_PATH} ws://{HOST}:*{LOCAL_STREAMS}",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
        }
        return {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Connection": "close",
        }

    async def _carry(self, page: ServerConnection) -> None:
        """Serve one page's WebSocket with a new sidecar, which ends with it."""
        task = asyncio.current_task()
        assert task is not None
        self._pages.add(task)
        task.add_done_callback(self._pages.discard)
        if not await self._find_room():
            await page.close(1013, f"There are {MAX_PAGES} pages already. Close one first.")
            return
        try:
            async with Sidecar.start(self._sidecar_command) as sidecar:
                await either(to_sidecar(page, sidecar), to_page(sidecar, page))
        finally:
            self._room.release()
        await page.close(1011, "The sidecar ended by itself; the terminal may show the reason.")

    async def _find_room(self) -> bool:
        """Wait for a free place and return whether there is one: a reloaded page comes before its old sidecar ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOM_LIMIT):
                return await self._room.acquire()
        return False


def same(given: str, secret: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), secret.encode())


def refuse(page: ServerConnection, status: HTTPStatus) -> Response:
    """Refuse a request with the same text for every reason, which tells an attacker nothing."""
    return page.respond(status, "Nothing here. Open the whole address that the demo printed.\n")


async def to_sidecar(page: ServerConnection, sidecar: Sidecar) -> None:
    """Pass the page's messages to the sidecar until the page's WebSocket closes."""
    try:
        async for message in page:
            if isinstance(message, str):  # the protocol has no binary messages
                await sidecar.send(message)
    except ConnectionClosed:
        return


async def to_page(sidecar: Sidecar, page: ServerConnection) -> None:
    """Pass the sidecar's messages to the page until the sidecar ends; the sidecar bounds its own output."""
    try:
        async for line in sidecar.lines():
            await page.send(line)
    except ConnectionClosed:
        return


async def either(*work: Coroutine[None, None, None]) -> None:
    """Run coroutines until the first one ends, then cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def demo_files() -> dict[str, Path]:
    """Return the files of the demo's page, with the player where the page imports it."""
    return {**served_files(PAGE), **served_files(PLAYER, "camera-sidecar/")}


def served_files(folder: Path, prefix: str = "") -> dict[str, Path]:
    """Return the files of a folder by their URL path; a lookup in this table needs no path normalisation."""
    paths = (path for path in folder.rglob("*") if path.suffix in CONTENT_TYPES)
    return {prefix + path.relative_to(folder).as_posix(): path for path in paths}


def quiet_logger() -> logging.Logger:
    """Return a logger without the errors of sockets that browsers open in advance and drop."""
    logger = logging.getLogger("demo.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger


@contextmanager
def on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """Call `act` on Ctrl-C and on SIGTERM instead of the default, which ends the program at any point."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    before = {number: signal.signal(number, lambda *_: act()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def run(port: int, open_browser: bool, sidecar_command: list[str]) -> None:
    """Serve until Ctrl-C."""
    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()
    demo = DemoServer(sidecar_command, demo_files())
    with on_interrupt(lambda: loop.call_soon_threadsafe(interrupted.set)):
        async with demo.listening(port):
            print(f"The cameras are at {demo.address}\nCtrl-C ends the demo.", flush=True)
            if open_browser:
                # On a daemon thread: some browser commands return only when the browser is closed.
                threading.Thread(target=webbrowser.open, args=[demo.launch_address], daemon=True).start()
            await interrupted.wait()


def main() -> int:
    """Run the server with the command line of demo.py."""
    options = parse(sys.argv[1:])
    sidecar_command = [*COMMAND, "--log-level", "warning", "--camera-backend", options.camera_backend]
    for pattern in options.allow_source:
        sidecar_command += ["--allow-source", pattern]
    try:
        asyncio.run(run(options.port, not options.no_open, sidecar_command))
    except OSError as error:
        print(f"Port {options.port} on {HOST} cannot be used: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
