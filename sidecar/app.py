"""The app: connects the rooms, starts them in order and stops them in the reverse order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable

from pydantic import BaseModel

from sidecar.cameras.catalogue import Catalogue
from sidecar.cameras.drivers import Drivers
from sidecar.cameras.watch import CameraWatch
from sidecar.commands.imports import preload
from sidecar.commands.services import Services
from sidecar.commands.table import error_of, rpc_methods, shutting_down, too_many_requests
from sidecar.connections.connections import Connections
from sidecar.connections.policy import ConnectionPolicy
from sidecar.contract.events import Log
from sidecar.logs import NotifyingHandler
from sidecar.options import EXIT_NOT_CLEAN, EXIT_OK, Options
from sidecar.rpc.dispatcher import Dispatcher
from sidecar.rpc.endpoint import Endpoint
from sidecar.startup.allocator import bound_free_memory, give_memory_back
from sidecar.startup.doorway import Doorway
from sidecar.statistics.collection import Statistics
from sidecar.stdio.signals import SignalWatch
from sidecar.stdio.wire_stream import WireStream
from sidecar.streams.sessions import Sessions

log = logging.getLogger(__name__)

# The process ends within a second, whichever part hangs; the following limits are parts of that second.

DRAIN_TIMEOUT = 0.2
"""Seconds that unfinished requests have to end by themselves."""

STOP_TIMEOUT = 0.7
"""Seconds for unfinished requests, for closing every connection and for releasing every camera."""

GIVE_BACK_AFTER = 1.0
"""Seconds from the release of the last camera until free memory is returned to the system."""

FLUSH_TIMEOUT = 0.15
"""Seconds for writing the last answers; a client that reads its input needs less."""

DEFER_INTERVAL = 0.2
"""Seconds between two calls of `LastResort.defer` by an event loop that still handles input after the end was read."""


def run(options: Options, doorway: Doorway) -> int:
    """Serve the wire until its end, a signal, `shutdown` or the parent's death, and return the exit code.

    The loop is not closed: closing waits for the threads of its executor, and one of them may wait for a name server.
    """
    bound_free_memory()
    loop = asyncio.SelectorEventLoop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(_serve(options, doorway))


async def _serve(options: Options, doorway: Doorway) -> int:
    return await App(options, doorway).serve()


class App:
    """The running program. Make it inside of the running event loop."""

    def __init__(self, options: Options, doorway: Doorway) -> None:
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._doorway = doorway
        self._ending = asyncio.Event()
        self._exit_code = EXIT_OK
        self._outbox = doorway.outbox
        drivers = Drivers(Catalogue(options.allow_source, options.camera_backend))
        self._sessions = Sessions(drivers, self._notify, on_idle=self._give_memory_back_later)
        self._memory_timer: asyncio.TimerHandle | None = None
        self._connections = Connections(
            self._sessions,
            self._notify,
            allowed_origins=options.allow_origin,
            ice=options.ice,
            policy=ConnectionPolicy(recovery=options.recovery),
        )
        self._statistics = Statistics(self._sessions.streams, self._connections, self._notify)
        self._watch = CameraWatch(drivers, self._notify, self._sessions.streams.retry_lost_cameras)
        services = Services(
            drivers,
            self._sessions,
            self._connections,
            self._statistics,
            shut_down=lambda: self._end("shutdown was called"),
            bytes_unsent=lambda: self._endpoint.bytes_unsent,
        )
        dispatcher = Dispatcher(rpc_methods(services), error_of=error_of, busy=too_many_requests, closed=shutting_down)
        self._endpoint = Endpoint(dispatcher, self._outbox)

    async def serve(self) -> int:
        """Run until the end and return the exit code."""
        self._start()
        tasks = (
            asyncio.create_task(self._feed(WireStream(self._doorway.reader))),
            asyncio.create_task(self._import_the_rest()),
        )
        await self._ending.wait()
        for task in tasks:
            task.cancel()
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._stop()
        except TimeoutError:
            log.error("cameras or connections did not end within %g s", STOP_TIMEOUT)
            self._exit_code = EXIT_NOT_CLEAN
        self._doorway.reader.stop()
        self._doorway.parent.stop()
        if not self._doorway.writer.finish(FLUSH_TIMEOUT):
            log.warning("the client did not take the last answers")
        return self._exit_code

    def _start(self) -> None:
        self._catch_signals()
        if self._options.log_notifications:
            logging.getLogger().addHandler(NotifyingHandler(self._from_thread(self._send_log)))
        self._doorway.take_over(self._from_thread(self._end), self._from_thread(self._defer_last_resort))
        self._watch.start()
        self._statistics.start()

    async def _stop(self) -> None:
        await self._endpoint.drain(DRAIN_TIMEOUT)
        await self._endpoint.aclose()
        # At the same time: a peer that hangs delays no camera, and a camera delays no peer.
        await asyncio.gather(
            self._sessions.aclose(), self._connections.aclose(), self._statistics.aclose(), self._watch.aclose()
        )
        if self._memory_timer is not None:
            self._memory_timer.cancel()

    async def _import_the_rest(self) -> None:
        await preload()
        # Modules, classes and functions stay for ever: no later garbage collection, which stops all threads, needs to
        # visit them again.
        gc.freeze()
        gc.enable()

    async def _feed(self, stream: WireStream) -> None:
        while data := await stream.read():
            await self._endpoint.feed(data)
        await self._endpoint.feed_eof()
        self._end("standard input has ended")

    def _give_memory_back_later(self) -> None:
        """Schedule the return of free memory, after the release of the last camera and the end of its connections."""
        if self._memory_timer is not None:
            self._memory_timer.cancel()
        self._memory_timer = self._loop.call_later(GIVE_BACK_AFTER, self._give_memory_back)

    def _give_memory_back(self) -> None:
        if not self._sessions.streams.any_open:
            give_memory_back()

    def _end(self, reason: str, exit_code: int = EXIT_OK) -> None:
        if not self._ending.is_set():
            self._doorway.last_resort.arm()
            log.info("ending: %s", reason)
            self._exit_code = exit_code
            self._ending.set()

    def _defer_last_resort(self) -> None:
        """Defer the last resort while this loop runs and has not reached the end of its input."""
        if not self._ending.is_set():
            self._doorway.last_resort.defer()
            self._loop.call_later(DEFER_INTERVAL, self._defer_last_resort)

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
        numbers = [signal.SIGINT]
        if sys.platform == "win32":
            numbers.append(signal.SIGBREAK)
        else:
            numbers.append(signal.SIGTERM)
            # A program that was started by nohup outlives its terminal (POSIX, nohup).
            if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
                numbers.append(signal.SIGHUP)
        SignalWatch(numbers, lambda name: self._doorway.end(f"signal {name}", EXIT_OK)).start()
