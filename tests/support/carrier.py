"""The connection between the pages of a test and one sidecar: requests to the sidecar, notifications to all pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from playwright.async_api import Error, Page

from sidecar.client import CallError, SidecarClient, SidecarGoneError
from sidecar.contract.events import EVENTS
from sidecar.contract.method import Event

PATIENCE = 20.0
"""Seconds that a test waits for an event that must come; the machines are slow and shared."""

REQUEST_SECONDS = 30.0
FOR_EVER = 3600.0
DELIVERY_SECONDS = PATIENCE  # a page that takes longer hangs

Listener = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Takes the name and the parameters of a notification."""


class Carrier:
    """Takes every notification of the sidecar, checks it against the contract and hands it to all pages and listeners.

    Notifications of one kind keep their order; notifications of different kinds may overtake each other, which a
    frontend must tolerate.
    """

    def __init__(self, client: SidecarClient) -> None:
        self.client = client
        self.notifications: list[tuple[str, dict[str, Any]]] = []
        self._came = asyncio.Condition()
        self._is_gone = False
        self._pages: list[Page] = []
        self._listeners: list[Listener] = []
        self._pumps = [asyncio.create_task(self._pump(event)) for event in EVENTS]

    def add_page(self, page: Page) -> None:
        """Let a page hear the notifications, until it is gone."""
        self._pages.append(page)
        page.on("close", self._forget)
        page.on("crash", self._forget)

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call the listener with every notification, for the time of the block."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def carry(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Pass a page's request on; return its `result` or its `error`."""
        try:
            return {"result": await self.client.call(method, params, timeout=REQUEST_SECONDS)}
        except CallError as error:
            return {"error": {"code": error.code, "message": error.message, "data": error.data}}

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method for the test and return its result."""
        return await self.client.call(method, params, timeout=REQUEST_SECONDS)

    def of(self, event: str) -> list[dict[str, Any]]:
        """The parameters of each notification of this kind so far."""
        return [params for name, params in self.notifications if name == event]

    async def wait_for(
        self, event: str, where: Callable[[dict[str, Any]], bool] = lambda _: True, *, timeout: float = PATIENCE
    ) -> dict[str, Any]:
        """The first notification that fits, past or to come."""

        def found() -> dict[str, Any] | None:
            return next(filter(where, self.of(event)), None)

        async with asyncio.timeout(timeout), self._came:
            await self._came.wait_for(lambda: self._is_gone or found() is not None)
        params = found()
        assert params is not None, "the sidecar has ended: " + "\n".join(self.client.stderr)
        return params

    async def state(self, connection_id: str, state: str, *, timeout: float = PATIENCE) -> str | None:
        """Wait until a connection has this state and return the reason."""

        def fits(params: dict[str, Any]) -> bool:
            return bool(params["connection_id"] == connection_id and params["state"] == state)

        reason: str | None = (await self.wait_for("connection_state", fits, timeout=timeout))["reason"]
        return reason

    async def open_cameras(self) -> set[str]:
        """The device_ids of the cameras that are open. A connection is `closed` when its camera is released."""
        return {camera["device_id"] for camera in (await self.call("get_stats"))["cameras"]}

    async def until_released(self) -> None:
        """Wait until no camera is open."""
        async with asyncio.timeout(PATIENCE):
            while await self.open_cameras():
                await self.wait_for("connection_state", lambda state: state["state"] == "closed")

    async def close(self) -> None:
        """Stop; raises the error of a notification that violates the contract."""
        for pump in self._pumps:
            pump.cancel()
        for outcome in await asyncio.gather(*self._pumps, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _pump(self, event: Event) -> None:
        while True:
            try:
                params = await self.client.notification(event.name, timeout=FOR_EVER)
            except SidecarGoneError:
                async with self._came:
                    self._is_gone = True
                    self._came.notify_all()
                return
            event.params.model_validate(params)
            async with self._came:
                self.notifications.append((event.name, params))
                self._came.notify_all()
            for page in tuple(self._pages):
                await self._deliver(page, event.name, params)
            for listener in tuple(self._listeners):
                await listener(event.name, params)

    async def _deliver(self, page: Page, event: str, params: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await page.evaluate("message => deliver(message)", [event, params])
        except (Error, TimeoutError):
            if page in self._pages:
                raise

    def _forget(self, page: Page) -> None:
        if page in self._pages:
            self._pages.remove(page)


@asynccontextmanager
async def carried(client: SidecarClient) -> AsyncIterator[Carrier]:
    """A carrier for a sidecar that was just started."""
    carrier = Carrier(client)
    try:
        await carrier.wait_for("ready", timeout=30)
        yield carrier
    finally:
        await carrier.close()
