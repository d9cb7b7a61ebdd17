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
    """A queue of requests. A request stays in it until it is carried out, or until the camera ends."""

    def __init__(self) -> None:
        self._waiting: deque[FormatRequest] = deque()
        self._arrived = asyncio.Event()

    def add(self, wanted: RequestedFormat) -> FormatRequest:
        """Return a new request at the end of the queue."""
        request = FormatRequest(wanted)
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
