"""Requests that are handled in the thread that reads them, before the dispatcher.

Some are answered while the dispatcher is still being imported, because the import takes longer than a start may take.
A request for shutdown is noticed here, so that a blocked event loop cannot delay the end of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sidecar.rpc import envelope
from sidecar.rpc.envelope import ABSENT, Request
from sidecar.rpc.errors import Json
from sidecar.rpc.outbox import Outbox

LONGEST_LINE = 1024


class EarlyAnswers:
    """Filters a byte stream: requests for the methods in `answers`, without parameters, are answered; all else passes.

    Only a line that arrives in one piece is parsed. Passed lines keep their order, and an answered request may overtake
    them, as any request may overtake another. Used by one thread.
    """

    def __init__(self, answers: Mapping[str, Callable[[], Json]], outbox: Outbox) -> None:
        self._answers = answers
        self._outbox = outbox
        self._at_line_start = True

    def sieve(self, data: bytes) -> bytes:
        """Answer the requests in `data` for the methods in `answers`; return the rest of `data`."""
        *lines, unfinished = data.split(b"\n")
        rest = []
        for line in lines:
            if not (self._at_line_start and self._answered(line)):
                rest.append(line + b"\n")
            self._at_line_start = True
        self._at_line_start = self._at_line_start and not unfinished
        return b"".join(rest) + unfinished

    def _answered(self, line: bytes) -> bool:
        if len(line) > LONGEST_LINE:
            return False
        message = envelope.parse(line)
        request = message.items[0]
        if message.is_batch or not isinstance(request, Request) or request.id is ABSENT or request.params:
            return False
        answer = self._answers.get(request.method)
        if answer is None:
            return False
        self._outbox.post({"jsonrpc": "2.0", "result": answer(), "id": request.id})
        return True


class RequestWatch:
    """Calls `on_request` for each request for `method`, without parameters, and leaves the stream unchanged.

    Only a line that arrives in one piece and is not longer than LONGEST_LINE is parsed. Used by one thread.
    """

    def __init__(self, method: str, on_request: Callable[[], None]) -> None:
        self._method = method
        self._mark = method.encode()
        self._on_request = on_request
        self._at_line_start = True

    def look(self, data: bytes) -> None:
        """Read the next piece of the stream."""
        whole = data if self._at_line_start else data[data.find(b"\n") + 1 :]
        if self._mark in data:
            lines = whole.split(b"\n")[:-1] if b"\n" in data else ()
            if any(self._is_request(line) for line in lines if self._mark in line):
                self._on_request()
        self._at_line_start = data.endswith(b"\n")

    def _is_request(self, line: bytes) -> bool:
        if len(line) > LONGEST_LINE:
            return False
        items = envelope.parse(line).items
        return any(isinstance(one, Request) and one.method == self._method and not one.params for one in items)
