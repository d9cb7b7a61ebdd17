"""The answers to lines, through jsonrpcserver. Only this module imports it, and leaves its `__init__` out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from jsonrpcserver.async_dispatcher import dispatch_to_response_pure
from jsonrpcserver.response import to_serializable
from jsonrpcserver.result import Error, Result, Success
from jsonrpcserver.sentinels import NOCONTEXT
from pydantic import BaseModel

from sidecar.rpc import envelope, params
from sidecar.rpc.envelope import ABSENT, Invalid, Request, RequestId
from sidecar.rpc.errors import (
    Json,
    RpcError,
    coded_error,
    internal_error,
    method_not_found,
    server_busy,
    server_closed,
)
from sidecar.rpc.text import LongInteger

# Far more requests than a client has open at once. Bounds the memory for a client that never reads its answers.
MAX_IN_FLIGHT = 256

ROOM_TIMEOUT = 0.5
"""Seconds without any answer after which a full dispatcher refuses requests instead of waiting: all its handlers may
hang, and `shutdown`, or the end of the input, must still be read."""

ParamsModel = TypeVar("ParamsModel", bound=BaseModel)
ErrorOf = Callable[[Exception], RpcError | None]

logger = logging.getLogger(__name__)

_dispatch: Callable[..., Awaitable[object]] = dispatch_to_response_pure
"""The part of jsonrpcserver's public functions that runs a request; its own types know of requests as text only."""


@dataclass(frozen=True, slots=True)
class RpcMethod(Generic[ParamsModel]):
    """A method: its parameters are validated by `params_model`, and its result is a model, too."""

    name: str
    params_model: type[ParamsModel]
    handler: Callable[[ParamsModel], Awaitable[BaseModel]]


class Dispatcher:
    """Answers JSON-RPC 2.0 messages.

    `error_of` gives the wire form of an exception of a handler, or None for a bug, which becomes -32603 and is logged.
    `busy` makes the error of a request when `max_in_flight` others are in flight, `closed` the error after `close`.
    Invariants: every request gets exactly one answer, also when `close` ends it; handlers take their first step in the
    order of the calls of `handle`.
    """

    def __init__(
        self,
        methods: Iterable[RpcMethod[Any]],
        *,
        error_of: ErrorOf = coded_error,
        busy: Callable[[int], Exception] = server_busy,
        closed: Callable[[], Exception] = server_closed,
        max_in_flight: int = MAX_IN_FLIGHT,
        room_timeout: float = ROOM_TIMEOUT,
    ) -> None:
        self._error_of = error_of
        self._busy_error = busy
        self._closed_error = closed
        self._max_in_flight = max_in_flight
        self._room_timeout = room_timeout
        self._methods = {method.name: self._bound(method) for method in methods}
        self._running: set[asyncio.Task[Any]] = set()
        self._one_ended = asyncio.Event()
        self._hangs = False
        self._closed = False
        self._bytes_held = 0

    @property
    def bytes_held(self) -> int:
        """The size of the answers that `handle` has not returned yet: the others of their batch are still due."""
        return self._bytes_held

    async def handle(self, line: bytes) -> bytes | None:
        """Return the answer to a line, without a line end; None for notifications. `close` ends it early."""
        message = envelope.parse(line)
        # A single request takes the path of a batch, so that neither overtakes the other before its handler starts.
        answers = await asyncio.gather(*map(self._answer, message.items))
        texts = [text for text in answers if text is not None]
        self._bytes_held -= sum(map(len, texts))
        if not texts:
            return None
        return f"[{','.join(texts)}]".encode("ascii") if message.is_batch else texts[0].encode("ascii")

    async def wait_for_room(self) -> None:
        """Return when one more message fits, or after `room_timeout` without any answer: `handle` then refuses."""
        room = max(self._max_in_flight - envelope.MAX_BATCH, 0)
        while len(self._running) > room and not self._hangs:
            self._one_ended.clear()
            try:
                async with asyncio.timeout(self._room_timeout):
                    await self._one_ended.wait()
            except TimeoutError:
                self._hangs = True

    def close(self) -> None:
        """Cancel the requests in flight and take no more: each is answered with the `closed` error."""
        self._closed = True
        for task in self._running:
            task.cancel()

    async def _answer(self, item: Request | Invalid) -> str | None:
        if isinstance(item, Invalid):
            return self._serialise(item.error.response(item.id), item.id)
        refusal = self._refusal(item)
        if item.id is not ABSENT:
            answer = refusal.response(item.id) if refusal else await self._run(item)
            return self._serialise(answer or internal_error().response(item.id), item.id)
        if refusal is None:
            await self._run(item)
        else:
            logger.info("notification %r dropped: %s", item.method[:128], refusal.message)
        return None

    def _refusal(self, request: Request) -> RpcError | None:
        if request.method not in self._methods:
            return method_not_found(request.method)
        if request.fault is not None:
            return request.fault
        if self._closed:
            return self._wire_form(self._closed_error())
        if len(self._running) >= self._max_in_flight:
            return self._wire_form(self._busy_error(self._max_in_flight))
        return None

    async def _run(self, request: Request) -> Json | None:
        """Return the response object, or None for a notification. This coroutine is alone in its task."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            answer = await _dispatch(
                request=request.as_json(),
                methods=self._methods,
                context=NOCONTEXT,
                deserializer=_unchanged,
                validator=_unchecked,
                post_process=to_serializable,
            )
            assert answer is None or isinstance(answer, dict)
            return answer
        except asyncio.CancelledError as exc:
            # The task ends here in any case; only the answer is still due.
            error = self._cancelled(exc)
            return None if request.id is ABSENT else error.response(request.id)
        finally:
            self._running.discard(task)
            self._hangs = False
            self._one_ended.set()

    def _bound(self, method: RpcMethod[ParamsModel]) -> Callable[..., Awaitable[Result]]:
        async def call(*by_position: Any, **by_name: Any) -> Result:
            try:
                checked = params.bind(method.params_model, by_position or by_name)
                result = await method.handler(checked)
                return Success(result.model_dump(mode="json"))
            except Exception as exc:
                error = self._wire_form(exc)
                return Error(error.code, error.message, error.data)

        return call

    def _wire_form(self, exc: Exception) -> RpcError:
        error = exc if isinstance(exc, RpcError) else self._error_of(exc)
        if error is not None:
            return error
        logger.error("a request failed by a bug", exc_info=exc)
        return internal_error()

    def _cancelled(self, exc: asyncio.CancelledError) -> RpcError:
        if self._closed:
            return self._wire_form(self._closed_error())
        logger.error("a request was cancelled, but not by close()", exc_info=exc)
        return internal_error()

    def _serialise(self, response: Json, request_id: RequestId) -> str:
        try:
            text = _to_json(response, request_id)
        except (ValueError, TypeError, RecursionError) as exc:  # such as NaN, which is no JSON
            text = _to_json(self._wire_form(exc).response(request_id), request_id)
        self._bytes_held += len(text)
        return text


def _to_json(response: Json, request_id: RequestId) -> str:
    if isinstance(request_id, LongInteger):  # json writes no integer of so many digits
        text = _to_json({**response, "id": None}, None)
        return f"{text.removesuffix('null}')}{request_id.text}}}"
    return json.dumps(response, allow_nan=False, separators=(",", ":"))


def _unchanged(request: Any) -> Any:
    return request


def _unchecked(_request: Any) -> None:
    """Replace jsonrpcserver's validator, which is slower than all other steps: `envelope` checks requests."""
