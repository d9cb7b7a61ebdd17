"""The program's first moments: it says that it is ready and answers `ping` before the rest of it is imported.

What this module imports, directly or not, delays the first answer; all else waits until `Doorway.open` was called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sidecar.contract import early
from sidecar.options import EXIT_NOT_CLEAN, EXIT_OK
from sidecar.rpc.early import EarlyAnswers
from sidecar.rpc.outbox import Outbox
from sidecar.stdio.claim import WireFds
from sidecar.stdio.parent import ParentWatch
from sidecar.stdio.reader import WireReader
from sidecar.stdio.writer import WireWriter

OnEnd = Callable[[str, int], None]


class Doorway:
    """The wire and the watch over the parent, in threads of their own, for the app to take over when it is there."""

    def __init__(self, wire: WireFds) -> None:
        self.parent = ParentWatch()
        self.outbox = Outbox(lambda: self._end("the client does not read its answers", EXIT_NOT_CLEAN))
        sieve = EarlyAnswers({"ping": early.ping}, self.outbox).sieve
        self.reader = WireReader(wire.read, sieve)
        self.writer = WireWriter(wire.write, self.outbox, lambda: self._end("the client closed its end", EXIT_OK))
        self._lock = threading.Lock()
        self._ended: tuple[str, int] | None = None
        self._on_end: OnEnd | None = None

    def open(self) -> None:
        """Say that the sidecar is ready, and take requests."""
        self.outbox.post({"jsonrpc": "2.0", "method": "ready", "params": early.ready()})
        self.writer.start()
        self.reader.start()

    def when_over(self, on_end: OnEnd) -> None:
        """Call `on_end(reason, exit code)`, in any thread, when the wire or the parent is gone, or now if one is."""
        with self._lock:
            self._on_end = on_end
            ended = self._ended
        if ended is not None:
            on_end(*ended)
        self.parent.start(lambda: self._end("the parent process is gone", EXIT_OK))

    def _end(self, reason: str, exit_code: int) -> None:
        with self._lock:
            self._ended = (reason, exit_code)
            on_end = self._on_end
        if on_end is not None:
            on_end(reason, exit_code)
