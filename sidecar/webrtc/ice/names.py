"""Candidates with a `.local` name in the place of an address (draft-ietf-mmusic-mdns-ice-candidates)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aioice import Candidate, mdns

MAX_QUERIES = 8
"""Names that are queried at the same time; further ones wait for their turn."""

logger = logging.getLogger(__name__)


class NameQueries:
    """The mDNS queries of one ICE generation; `waiting` counts the names that are not resolved yet."""

    def __init__(self) -> None:
        self.waiting = 0
        self._slots = asyncio.Semaphore(MAX_QUERIES)

    async def resolve(self, candidate: Candidate, add: Callable[[Candidate], Awaitable[None]]) -> None:
        """Call `add`, aioice's add_remote_candidate, which queries the candidate's name. A failure is logged."""
        self.waiting += 1
        try:
            async with self._slots:
                # In the frozen program the first query imports dnspython (startup/replacements.py): in a thread.
                await asyncio.to_thread(getattr, mdns, "create_mdns_protocol")
                await add(candidate)
        except OSError as error:
            # Port 5353 is taken, or there is no multicast. The peer's own checks still arrive here.
            logger.info("cannot resolve %s: %s", candidate.host, error.strerror)
        finally:
            self.waiting -= 1
