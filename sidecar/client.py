"""A client for Python programs: starts the sidecar and calls its methods.

async with SidecarClient.start([sys.executable, "-m", "sidecar"]) as client:
    cameras = await client.calls.get_available_cameras()               # typed: the models of sidecar.contract
    cameras = await client.call("get_available_cameras")               # the same method, as JSON
    state = await client.event(ConnectionStateEvent, where=lambda event: event.state == "connected")
    state = await client.notification("connection_state", where=lambda params: params["state"] == "connected")
"""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from sidecar.contract.calls import Calls
from sidecar.contract.events import EVENTS

MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_NOTIFICATIONS = 10_000
MAX_STDERR_LINES = 500
CLOSE_TIMEOUT = 3.0
"""Seconds for each step of `close`: the answer to shutdown, the end of the process, the end of its pipes."""

Params = Mapping[str, Any] | Sequence[Any]
Model = TypeVar("Model", bound=BaseModel)

logger = logging.getLogger(__name__)


class CallError(Exception):
    """The sidecar answered with an error; `data` is {kind, retryable, hint, details?}."""

    def __init__(self, code: int, message: str, data: Mapping[str, Any] | None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = dict(data or {})


class SidecarGoneError(Exception):
    """The sidecar has ended, or has written a line that is no message."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification of the sidecar."""

    method: str
    params: dict[str, Any]


@dataclass
class _Waiter:
    method: str
    where: Callable[[dict[str, Any]], bool]
    future: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def takes(self, notification: Notification) -> bool:
        return not self.future.done() and notification.method == self.method and self.where(notification.params)


class SidecarClient:
    """One sidecar process.

    `calls` has the contract's methods, and `event` waits for its notifications, typed; `call` and `notification` do the
    same with JSON, and raise the same exceptions. `notifications` holds the newest MAX_NOTIFICATIONS that no caller has
    taken.
    """

    def __init__(self, process: Process, *, close_timeout: float = CLOSE_TIMEOUT) -> None:
        self.process = process
        self._close_timeout = close_timeout
        self.calls = Calls(self.call)
        self.notifications: deque[Notification] = deque(maxlen=MAX_NOTIFICATIONS)
        self.stderr: deque[str] = deque(maxlen=MAX_STDERR_LINES)
        self._last_id = 0
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._waiters: list[_Waiter] = []
        self._gone: SidecarGoneError | None = None
        self._readers = [asyncio.create_task(self._read_stdout()), asyncio.create_task(self._read_stderr())]

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        close_timeout: float = CLOSE_TIMEOUT,
    ) -> AsyncIterator[SidecarClient]:
        """Start the program `argv` and end it when the block is left.

        It is killed when a step of its end takes longer than `close_timeout` seconds.
        """
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=env, cwd=cwd, limit=MAX_LINE_BYTES
        )
        client = cls(process, close_timeout=close_timeout)
        try:
            yield client
        finally:
            await client.close()

    async def call(self, method: str, params: Params | None = None, *, timeout: float = 10.0) -> Any:
        """Return the result of a method.

        Raises CallError, TimeoutError after `timeout` seconds, or SidecarGoneError.
        """
        self._last_id += 1
        request_id = self._last_id
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[request_id] = future
        try:
            async with asyncio.timeout(timeout):
                await self._send({"jsonrpc": "2.0", "id": request_id, "method": method}, params)
                return await future
        finally:
            del self._calls[request_id]

    async def notify(self, method: str, params: Params | None = None) -> None:
        """Send a notification, a call without an answer. Raises SidecarGoneError."""
        await self._send({"jsonrpc": "2.0", "method": method}, params)

    async def notification(
        self, method: str, where: Callable[[dict[str, Any]], bool] = lambda params: True, *, timeout: float = 10.0
    ) -> dict[str, Any]:
        """Take the first notification for which `where` is true, a kept or a coming one; return its parameters.

        Raises TimeoutError after `timeout` seconds, or SidecarGoneError.
        """
        waiter = _Waiter(method, where)
        for kept in self.notifications:
            if waiter.takes(kept):
                self.notifications.remove(kept)
                return kept.params
        if self._gone:
            raise self._gone.with_traceback(None)  # else each call would lengthen the traceback
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                return await waiter.future
        finally:
            self._waiters.remove(waiter)

    async def event(
        self,
        model: type[Model],
        where: Callable[[Model], bool] = lambda event: True,
        *,
        timeout: float = 10.0,
    ) -> Model:
        """Take a notification by its model: one of sidecar.contract.events, or Stats. Raises as `notification`."""
        name = next(event.name for event in EVENTS if event.params is model)
        params = await self.notification(name, lambda params: where(model.model_validate(params)), timeout=timeout)
        return model.model_validate(params)

    async def close(self) -> int:
        """Ask the sidecar to end, kill it after `close_timeout`, and return its exit status."""
        if self._gone is None:
            with suppress(CallError, SidecarGoneError, TimeoutError):
                await self.call("shutdown", timeout=self._close_timeout)
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), self._close_timeout)
        except TimeoutError:
            logger.warning("the sidecar did not end within %g s; killing it", self._close_timeout)
            with suppress(ProcessLookupError):
                self.process.kill()
        # A surviving child process of the sidecar would keep the pipes open.
        _, unfinished = await asyncio.wait(self._readers, timeout=self._close_timeout)
        for task in unfinished:
            task.cancel()
        return await self.process.wait()

    async def _send(self, message: dict[str, Any], params: Params | None) -> None:
        if self._gone:
            raise self._gone.with_traceback(None)  # else each call would lengthen the traceback
        if params is not None:
            message["params"] = params
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        try:
            await self.process.stdin.drain()
        except ConnectionError:
            raise SidecarGoneError("the sidecar takes no more requests") from None

    async def _read_stdout(self) -> None:
        assert self.process.stdout is not None
        reason = "the sidecar has ended"
        try:
            while line := await self.process.stdout.readline():
                self._take(json.loads(line))
        except Exception:  # invalid JSON, a line over MAX_LINE_BYTES, another form: the waiting callers must get it
            reason = "the sidecar wrote a line that is no message"
            logger.exception(reason)
        self._gone = SidecarGoneError(reason)
        for future in [*self._calls.values(), *(waiter.future for waiter in self._waiters)]:
            if not future.done():
                future.set_exception(self._gone)

    def _take(self, message: Any) -> None:
        if not (isinstance(message, dict) and isinstance(message.get("params", {}), dict)):
            raise ValueError("not an object")
        if "method" in message:
            self._take_notification(Notification(message["method"], message.get("params", {})))
            return
        future = self._calls.get(message.get("id") or 0)
        if future is None or future.done():
            logger.warning("answer to an unknown call: %.200r", message)
        elif (error := message.get("error")) is not None:
            future.set_exception(CallError(error["code"], error["message"], error.get("data")))
        else:
            future.set_result(message["result"])

    def _take_notification(self, notification: Notification) -> None:
        for waiter in self._waiters:
            try:
                fits = waiter.takes(notification)
            except Exception as exc:  # raised by the caller's own condition, and passed to that caller
                waiter.future.set_exception(exc)
                continue
            if fits:
                waiter.future.set_result(notification.params)
                return
        self.notifications.append(notification)

    async def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        # By pieces, because a line of stderr may have any length.
        rest = b""
        while piece := await self.process.stderr.read(64 * 1024):
            *lines, rest = (rest + piece).split(b"\n")
            for line in [*lines, rest] if len(rest) > MAX_LINE_BYTES else lines:
                self._log(line)
            rest = b"" if len(rest) > MAX_LINE_BYTES else rest
        if rest:
            self._log(rest)

    def _log(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        self.stderr.append(text)
        logger.debug("sidecar: %s", text)
