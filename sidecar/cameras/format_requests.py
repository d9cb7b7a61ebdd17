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
        """Return the format in force to the requester."""
        if not self.outcome.done():
            self.outcome.set_result(in_force)

    def refuse(self, error: ContractError) -> None:
        """Raise the error in the requester."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class FormatRequests:
    """A queue of requests; each stays in it until it is done."""

    def __init__(self) -> None:
        self._waiting: deque[FormatRequest] = deque()
        self._arrived = asyncio.Event()

    async def ask(self, wanted: RequestedFormat) -> Format:
        """Return the format in force after this request. Raises the error that refused it."""
        request = FormatRequest(wanted)
        self._waiting.append(request)
        self._arrived.set()
        return await request.outcome

    async def arrival(self) -> None:
        """Wait until there is a request."""
        await self._arrived.wait()

    def first(self) -> FormatRequest | None:
        """Return the oldest request that is not done."""
        return self._waiting[0] if self._waiting else None

    def remove(self, request: FormatRequest) -> None:
        """Remove a request that is done."""
        if request in self._waiting:
            self._waiting.remove(request)
        if not self._waiting:
            self._arrived.clear()

    def refuse_all(self, error: ContractError) -> None:
        """Refuse and remove every request, the one that is being carried out included."""
        while self._waiting:
            self._waiting.popleft().refuse(error)
        self._arrived.clear()
