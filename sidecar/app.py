"""Puts everything together: ordered start, reverse stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable

from pydantic import BaseModel

from sidecar import __version__
from sidecar.cameras.catalogue import Catalogue
from sidecar.commands.process import NAME
from sidecar.commands.services import Services
from sidecar.commands.table import error_of, rpc_methods, shutting_down, too_many_requests
from sidecar.contract.events import Log, Ready
from sidecar.contract.methods import PROTOCOL_VERSION
from sidecar.logs import NotifyingHandler
from sidecar.options import Options
from sidecar.rpc.dispatcher import Dispatcher
from sidecar.rpc.endpoint import Endpoint
from sidecar.rpc.outbox import Outbox
from sidecar.sessions.cameras import Cameras
from sidecar.sessions.connections import Connections
from sidecar.sessions.statistics import Statistics
from sidecar.sessions.watch import CameraWatch
from sidecar.stdio.claim import WireFds
from sidecar.stdio.parent import ParentWatch
from sidecar.stdio.reader import WireReader
from sidecar.stdio.writer import WireWriter

log = logging.getLogger(__name__)

DRAIN_TIMEOUT = 0.5
"""Seconds that requests under way have to end by themselves when the process is about to end."""

STOP_TIMEOUT = 3.0
"""Seconds for closing every connection and releasing every camera; then the process ends all the same."""

FLUSH_TIMEOUT = 1.0
"""Seconds for the last answers to go out; a client that reads does not need them."""

EXIT_OK = 0
EXIT_NOT_CLEAN = 1


def run(options: Options, wire: WireFds) -> int:
    """Serve the wire until its end, a signal, `shutdown` or the parent's death. Returns the exit code.

    The loop is not closed: closing waits for the threads of its executor, and one may hang in a name server.
    """
    loop = asyncio.SelectorEventLoop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(_serve(options, wire))


async def _serve(options: Options, wire: WireFds) -> int:
    return await App(options, wire).serve()


class App:
    """The running program. Made inside the running event loop."""

    def __init__(self, options: Options, wire: WireFds) -> None:
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._ending = asyncio.Event()
        self._exit_code = EXIT_OK
        end_soon = self._from_thread(self._end)
        self._outbox = Outbox(lambda: end_soon("the client does not read its answers", EXIT_NOT_CLEAN))
        self._reader = WireReader(wire.read)
        self._writer = WireWriter(wire.write, self._outbox, lambda: end_soon("the client closed its end", EXIT_OK))
        self._parent = ParentWatch(lambda: end_soon("the parent process is gone", EXIT_OK))
        self._cameras = Cameras(Catalogue(options.allow_source, options.camera_backend), self._notify)
        self._connections = Connections(self._cameras, self._notify)
        self._statistics = Statistics(self._cameras, self._connections, self._notify)
        self._watch = CameraWatch(self._cameras, self._notify)
        services = Services(
            self._cameras, self._connections, self._statistics, shut_down=lambda: self._end("it was asked to")
        )
        dispatcher = Dispatcher(rpc_methods(services), error_of=error_of, busy=too_many_requests, closed=shutting_down)
        self._endpoint = Endpoint(dispatcher, self._outbox)

    async def serve(self) -> int:
        """Run until the end. Returns the exit code."""
        self._start()
        feeding = asyncio.create_task(self._feed())
        await self._ending.wait()
        feeding.cancel()
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._stop()
        except TimeoutError:
            log.error("not everything ended within %g s", STOP_TIMEOUT)
            self._exit_code = EXIT_NOT_CLEAN
        self._reader.stop()
        self._parent.stop()
        if not self._writer.finish(FLUSH_TIMEOUT):
            log.warning("the client did not take the last answers")
        return self._exit_code

    def _start(self) -> None:
        self._catch_signals()
        if self._options.log_notifications:
            logging.getLogger().addHandler(NotifyingHandler(self._from_thread(self._send_log)))
        self._writer.start()
        self._reader.start()
        self._parent.start()
        self._watch.start()
        self._notify("ready", Ready(name=NAME, version=__version__, protocol_version=PROTOCOL_VERSION, pid=os.getpid()))

    async def _stop(self) -> None:
        await self._endpoint.drain(DRAIN_TIMEOUT)
        await self._endpoint.aclose()
        await self._watch.aclose()
        await self._statistics.aclose()
        await self._connections.aclose()
        await self._cameras.aclose()

    async def _feed(self) -> None:
        while data := await self._reader.read():
            await self._endpoint.feed(data)
        await self._endpoint.feed_eof()
        self._end("standard input has ended")

    def _end(self, reason: str, exit_code: int = EXIT_OK) -> None:
        if not self._ending.is_set():
            log.info("ending: %s", reason)
            self._exit_code = exit_code
            self._ending.set()

    def _notify(self, event: str, params: BaseModel) -> None:
        coalesce = event if event == "stats" else None
        message = {"jsonrpc": "2.0", "method": event, "params": params.model_dump(mode="json")}
        self._outbox.post(message, coalesce=coalesce)

    def _send_log(self, line: Log) -> None:
        self._notify("log", line)

    def _from_thread(self, call: Callable[..., None]) -> Callable[..., None]:
        def hand_over(*args: object) -> None:
            self._loop.call_soon_threadsafe(call, *args)

        return hand_over

    def _catch_signals(self) -> None:
        if sys.platform == "win32":
            end_soon = self._from_thread(self._end)
            for number in (signal.SIGINT, signal.SIGBREAK):
                signal.signal(number, lambda *_: end_soon("a signal came"))
        else:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self._loop.add_signal_handler(number, self._end, "a signal came")
