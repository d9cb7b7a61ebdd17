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


class FormatRequests:
    """A queue of requests; each stays in it until it has ended."""

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
        """Return the oldest request; None without one."""
        return self._waiting[0] if self._waiting else None

    def grant_first(self, in_force: Format) -> None:
        """End the oldest request with the format in force."""
        outcome = self._remove_first()
        if not outcome.done():  # the requester may have left
            outcome.set_result(in_force)

    def refuse_first(self, error: ContractError) -> None:
        """End the oldest request with an error."""
        outcome = self._remove_first()
        if not outcome.done():
            outcome.set_exception(error)

    def refuse_all(self, error: ContractError) -> None:
        """End every request with an error, the one that is being carried out included."""
        while self._waiting:
            self.refuse_first(error)

    def _remove_first(self) -> asyncio.Future[Format]:
        outcome = self._waiting.popleft().outcome
        if not self._waiting:
            self._arrived.clear()
        return outcome
