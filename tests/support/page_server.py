"""A loopback server for pages that call one sidecar: files over HTTP, JSON-RPC over a WebSocket.

Unlike pages on playwright's routes, its pages load in every webview.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.support.carrier import Carrier

HOST = "127.0.0.1"
SOCKET_PATH = "/rpc"


class PageServer:
    """Serves folders by the first part of the URL's path, and relays the pages' requests to the carrier's sidecar."""

    def __init__(self, carrier: Carrier, folders: Mapping[str, Path]) -> None:
        self._carrier = carrier
        self._folders = {name: folder.resolve() for name, folder in folders.items()}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Serve for the time of the block; the value is the server's origin."""
        async with serve(self._relay, HOST, 0, process_request=self._respond, compression=None) as server:
            yield f"http://{HOST}:{next(iter(server.sockets)).getsockname()[1]}"

    def _respond(self, page: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == SOCKET_PATH:
            return None
        root, _, name = path.removeprefix("/").partition("/")
        folder = self._folders.get(root)
        file = (folder / name).resolve() if folder else None
        if folder is None or file is None or not file.is_relative_to(folder) or not file.is_file():
            return page.respond(HTTPStatus.NOT_FOUND, f"There is no {path}.\n")
        body = file.read_bytes()
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        described = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
        return Response(HTTPStatus.OK, "OK", Headers(described), body)

    async def _relay(self, page: ServerConnection) -> None:
        """Serve one page's WebSocket until the page closes it."""

        async def deliver(method: str, params: dict[str, Any]) -> None:
            with suppress(ConnectionClosed):
                await page.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

        with self._carrier.listening(deliver):
            async with asyncio.TaskGroup() as requests:
                with suppress(ConnectionClosed):  # without a closing handshake, by a page that is left
                    async for message in page:
                        requests.create_task(self._answer(page, json.loads(message)))

    async def _answer(self, page: ServerConnection, request: dict[str, Any]) -> None:
        outcome = await self._carrier.carry(request["method"], request["params"])
        with suppress(ConnectionClosed):
            await page.send(json.dumps({"jsonrpc": "2.0", "id": request["id"], **outcome}))
