"""Imports of the slow parts of the program, in a thread, so that the event loop is not blocked.

The modules that an offer needs are imported as soon as the program has started; all others when a request or a picture
needs them, so that a sidecar that waits for its first camera takes little memory. A request waits for the imports that
it needs, also for imports that have begun before.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from sidecar.blocking import IMPORT_TIMEOUT, in_thread

PRELOADED: Final = ("sidecar.streams.stream", "sidecar.connections.webrtc", "sidecar.webrtc.rtp.rtp_session")
"""The modules of an offer, and then the RTP session, for which a connection would wait. They take 17 MB. PyAV, numpy
and OpenCV, which pictures need, are 45 MB more, and none of these modules imports them."""

log = logging.getLogger(__name__)

Params = TypeVar("Params")
Result = TypeVar("Result")


async def preload(modules: Sequence[str] = PRELOADED) -> None:
    """Import `modules`. A failure is logged; the first request that needs one of them fails with the same exception."""
    try:
        await in_thread(lambda: _import(modules), IMPORT_TIMEOUT)
    except Exception:
        log.warning("modules for the first offer could not be imported", exc_info=True)


def imported_first(
    modules: Sequence[str], handler: Callable[[Params], Awaitable[Result]]
) -> Callable[[Params], Awaitable[Result]]:
    """Return a handler that imports `modules` before its first call of `handler`."""
    if not modules:
        return handler
    imported = False

    async def call(params: Params) -> Result:
        nonlocal imported
        if not imported:
            await in_thread(lambda: _import(modules), IMPORT_TIMEOUT)
            imported = True
        return await handler(params)

    return call


def _import(names: Sequence[str]) -> None:
    started = time.monotonic()
    for name in names:
        importlib.import_module(name)
    log.debug("imported in %.0f ms: %s", (time.monotonic() - started) * 1000, ", ".join(names))
