"""A dispatcher with methods for tests, with the methods of the specification's examples among them."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel
from pydantic.alias_generators import to_camel

from sidecar.rpc.dispatcher import Dispatcher, RpcMethod
from sidecar.rpc.errors import RpcError


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True)


class Nothing(Strict):
    pass


class Subtract(Strict):
    minuend: int
    subtrahend: int


class Numbers(Strict):
    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0
    e: int = 0


class Options(Strict):
    max_width: int | list[int]


class Nested(Strict):
    device_id: str
    options: list[Options] = []


class Named(Strict):
    name: str


class Figure(BaseModel):
    fps: float


Value = RootModel[Any]


class CameraIsBusyError(Exception):
    """Has its own code, as the contract's errors have."""

    code = 1002
    message = "The camera is busy"

    def data(self) -> BaseModel:
        return RootModel({"kind": "camera_busy"})


class Methods:
    """Handlers that record their calls."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.started: list[str] = []
        self._starts: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.cancelled: list[str] = []

    def dispatcher(self, **options: Any) -> Dispatcher:
        methods: list[RpcMethod[Any]] = [
            RpcMethod("subtract", Subtract, self.subtract),
            RpcMethod("sum", Numbers, self.sum),
            RpcMethod("update", Numbers, self.nothing),
            RpcMethod("notify_hello", Numbers, self.nothing),
            RpcMethod("notify_sum", Numbers, self.nothing),
            RpcMethod("get_data", Nothing, self.get_data),
            RpcMethod("configure", Nested, self.configure),
            RpcMethod("wait", Named, self.wait),
            RpcMethod("fail", Nothing, self.fail),
            RpcMethod("fail_in_words", Nothing, self.fail_in_words),
            RpcMethod("busy", Nothing, self.busy),
            RpcMethod("nan", Nothing, self.nan),
            RpcMethod("cancel_itself", Nothing, self.cancel_itself),
        ]
        return Dispatcher(methods, **options)

    async def start_of(self, name: str) -> None:
        """Return once `wait` was called with this name."""
        async with asyncio.timeout(5):
            await self._starts[name].wait()

    async def subtract(self, params: Subtract) -> BaseModel:
        return Value(params.minuend - params.subtrahend)

    async def sum(self, params: Numbers) -> BaseModel:
        return Value(params.a + params.b + params.c + params.d + params.e)

    async def nothing(self, params: Numbers) -> BaseModel:
        self.started.append("notification")
        return Value(None)

    async def get_data(self, params: Nothing) -> BaseModel:
        return Value(["hello", 5])

    async def configure(self, params: Nested) -> BaseModel:
        return params

    async def wait(self, params: Named) -> BaseModel:
        self.started.append(params.name)
        self._starts[params.name].set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.cancelled.append(params.name)
            raise
        return params

    async def fail(self, params: Nothing) -> BaseModel:
        raise RuntimeError("secret text of /home/somebody")

    async def fail_in_words(self, params: Nothing) -> BaseModel:
        raise RpcError(1234, "A named failure", {"kind": "named"})

    async def busy(self, params: Nothing) -> BaseModel:
        raise CameraIsBusyError

    async def nan(self, params: Nothing) -> BaseModel:
        return Figure(fps=float("nan"))

    async def cancel_itself(self, params: Nothing) -> BaseModel:
        raise asyncio.CancelledError


def request(method: str, params: Any = None, request_id: Any = 1) -> bytes:
    message = {"jsonrpc": "2.0", "id": request_id, "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode()
