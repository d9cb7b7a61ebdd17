"""The first steps: the program sends `ready` and answers `ping` before its other modules are imported.

Each import of this module, direct or not, delays the first answer. All other imports wait for `Doorway.open`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sidecar.contract import early
from sidecar.options import EXIT_NOT_CLEAN, EXIT_OK
from sidecar.rpc.early import EarlyAnswers, RequestWatch
from sidecar.rpc.outbox import Outbox
from sidecar.stdio.claim import WireFds
from sidecar.stdio.last_resort import SECONDS, LastResort
from sidecar.stdio.parent import POLL_SECONDS, ParentWatch
from sidecar.stdio.reader import WireReader
from sidecar.stdio.writer import WireWriter

OnEnd = Callable[[str, int], None]


class Doorway:
    """Owns the wire and the parent watch, in threads of their own, until the app takes over.

    From then on the thread that notices the reason of an end arms the last resort here, before it reaches the app's
    event loop.
    """

    def __init__(self, wire: WireFds) -> None:
        self.parent = ParentWatch()
        self.last_resort = LastResort()
        self.outbox = Outbox(lambda: self.end("the client does not read its responses", EXIT_NOT_CLEAN))
        self._shutdown_watch = RequestWatch("shutdown", self._last_request)
        sieve = EarlyAnswers({"ping": early.ping}, self.outbox).sieve
        self.reader = WireReader(wire.read, sieve, self._watch_input)
        self.writer = WireWriter(wire.write, self.outbox, lambda: self.end("the client closed its end", EXIT_OK))
        self._lock = threading.Lock()
        self._ended: tuple[str, int] | None = None
        self._is_last_request_read = False
        self._on_end: OnEnd | None = None
        self._on_last_request: Callable[[], None] | None = None

    def open(self) -> None:
        """Send `ready`, and take requests."""
        self.outbox.post({"jsonrpc": "2.0", "method": "ready", "params": early.ready()})
        self.writer.start()
        self.reader.start()

    def take_over(self, on_end: OnEnd, on_last_request: Callable[[], None]) -> None:
        """Hand over to the app, whose event loop runs.

        `on_end(reason, exit code)` is called when the wire has closed or the parent has ended. `on_last_request` is
        called when the input has ended or has `shutdown` in it. The app reaches that request in the order of the input,
        and calls `last_resort.defer` regularly until then. Both are called in any thread, and at once for an earlier
        end.
        """
        with self._lock:
            self._on_end, self._on_last_request = on_end, on_last_request
            ended, is_last_request_read = self._ended, self._is_last_request_read
        if is_last_request_read:
            self._announce(on_last_request)
        if ended is not None:
            self.end(*ended)
        self.parent.start(lambda: self.end("the parent process has ended", EXIT_OK, SECONDS - POLL_SECONDS))

    def end(self, reason: str, exit_code: int, seconds: float = SECONDS) -> None:
        """Report to the app that the process must end, and end it by force after `seconds`."""
        with self._lock:
            self._ended = (reason, exit_code)
            on_end = self._on_end
        if on_end is not None:
            self.last_resort.arm(seconds)
            on_end(reason, exit_code)

    def _watch_input(self, piece: bytes) -> None:
        if piece:
            self._shutdown_watch.look(piece)
        else:
            self._last_request()

    def _last_request(self) -> None:
        with self._lock:
            is_news = not self._is_last_request_read
            self._is_last_request_read = True
            on_last_request = self._on_last_request
        if is_news and on_last_request is not None:
            self._announce(on_last_request)

    def _announce(self, on_last_request: Callable[[], None]) -> None:
        self.last_resort.defer()
        on_last_request()
