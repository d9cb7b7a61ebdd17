"""A program with the sidecar's edge and none of its cameras: stdio, framing, dispatch, outbox.

Methods: `echo` gives its value back, `wait` answers when `release` is called, `fail` has a bug, `pollute` writes to
standard output directly, `shutdown` ends the program.
"""

# ruff: noqa: E402 - the wire is claimed before all other imports, as in the real program

from __future__ import annotations

from sidecar.stdio.claim import claim_stdio

WIRE = claim_stdio()

import asyncio
import os
import sys
from typing import Any

from pydantic import BaseModel, ConfigDict

from sidecar.rpc.dispatcher import Dispatcher, RpcMethod
from sidecar.rpc.endpoint import Endpoint
from sidecar.rpc.outbox import Outbox
from sidecar.stdio.reader import WireReader
from sidecar.stdio.wire_stream import WireStream
from sidecar.stdio.writer import WireWriter


class Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Value(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Any = None


class App:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._released = asyncio.Event()
        self.ended = asyncio.Event()
        self.outbox = Outbox(self.end)
        handlers: list[RpcMethod[Any]] = [
            RpcMethod("echo", Value, self.echo),
            RpcMethod("wait", Nothing, self.wait),
            RpcMethod("release", Nothing, self.release),
            RpcMethod("fail", Nothing, self.fail),
            RpcMethod("pollute", Nothing, self.pollute),
            RpcMethod("shutdown", Nothing, self.shutdown),
        ]
        self.endpoint = Endpoint(Dispatcher(handlers), self.outbox)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self.ended.set)

    async def echo(self, params: Value) -> Value:
        return params

    async def wait(self, params: Nothing) -> Nothing:
        await self._released.wait()
        return params

    async def release(self, params: Nothing) -> Nothing:
        self._released.set()
        return params

    async def fail(self, _params: Nothing) -> Nothing:
        raise RuntimeError("a secret in /home/somebody")

    async def pollute(self, params: Nothing) -> Nothing:
        sys.stdout.write("printed by Python\n")
        os.write(1, b"printed by a library\n")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import sys; print('printed by a child', sys.stdin.read())"
        )
        await process.wait()
        return params

    async def shutdown(self, params: Nothing) -> Nothing:
        self.ended.set()
        return params

    async def serve(self, stream: WireStream) -> None:
        while data := await stream.read():
            await self.endpoint.feed(data)
        await self.endpoint.feed_eof()
        await self.endpoint.drain(0.2)
        self.ended.set()


async def main() -> None:
    app = App()
    reader = WireReader(WIRE.read)
    writer = WireWriter(WIRE.write, app.outbox, app.end)
    reader.start()
    writer.start()
    app.outbox.post({"jsonrpc": "2.0", "method": "ready", "params": {"pid": os.getpid()}})
    serving = asyncio.create_task(app.serve(WireStream(reader)))
    await app.ended.wait()
    reader.stop()
    await serving
    await app.endpoint.aclose()
    if not writer.finish(2.0):
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main())
