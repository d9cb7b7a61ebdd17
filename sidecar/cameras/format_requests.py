"""The requests for another format of one camera, in the order in which they arrived."""

from __future__ import annotations

import asyncio
from collections import deque

from sidecar.cameras.device import Format, RequestedFormat
from sidecar.contract.errors import ContractError


class FormatRequest:
    """One request, and its outcome: the format in force, or the error."""

    def __init__(self, wanted: RequestedFormat) -> None:
        self.wanted = wanted
        self.outcome: asyncio.Future[Format] = asyncio.get_running_loop().create_future()

    def grant(self, in_force: Format) -> None:
        """Answer the request, if it is not answered yet, with the format in force."""
        if not self.outcome.done():
            self.outcome.set_result(in_force)

    def refuse(self, error: ContractError) -> None:
        """Answer the request, if it is not answered yet, with an error."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class FormatRequests:
    """A queue of requests. A request stays in it until it is carried out, or until the camera ends.

    Of the requests that are answered already, those for a lost camera, it keeps only those that still matter: a camera
    may be lost for days.
    """

    def __init__(self) -> None:
        self._waiting: deque[FormatRequest] = deque()
        self._arrived = asyncio.Event()

    def add(self, wanted: RequestedFormat) -> FormatRequest:
        """Return a new request at the end of the queue; it replaces the answered ones that it overrides."""
        request = FormatRequest(wanted)
        self.remove(*(each for each in self._waiting if each.outcome.done() and _overrides(wanted, each.wanted)))
        self._waiting.append(request)
        self._arrived.set()
        return request

    async def arrival(self) -> None:
        """Wait until there is a request."""
        await self._arrived.wait()

    def all(self) -> tuple[FormatRequest, ...]:
        """Return the requests, the oldest first."""
        return tuple(self._waiting)

    def remove(self, *requests: FormatRequest) -> None:
        """Remove requests that are carried out."""
        self._waiting = deque(request for request in self._waiting if request not in requests)
        if not self._waiting:
            self._arrived.clear()

    def grant_all(self, in_force: Format) -> None:
        """Answer every request with the format in force; they stay in the queue."""
        for request in self._waiting:
            request.grant(in_force)

    def refuse_all(self, error: ContractError) -> None:
        """Answer every request with an error, the one that is being carried out included, and remove it."""
        for request in self._waiting:
            request.refuse(error)
        self.remove(*self._waiting)


def _overrides(newer: RequestedFormat, older: RequestedFormat) -> bool:
    """Return whether nothing of `older` is left after `newer`; a side alone asks for a whole size."""
    is_sized = newer.width is not None or newer.height is not None
    return (is_sized or older.width is older.height is None) and (newer.fps is not None or older.fps is None)
