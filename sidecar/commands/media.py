"""The parts of the program that take long to import: those that touch pictures or the network.

They are imported in a thread, so that other requests go on: what an offer needs as soon as the program has started, the
rest when a request or a picture needs it, for a sidecar that waits for its first camera shall take little memory. A
request that comes before waits.
"""

from __future__ import annotations

import importlib
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from sidecar.blocking import in_thread
from sidecar.limits import IMPORT_TIMEOUT

CAMERA = "sidecar.streams.stream"
WEBRTC = "sidecar.connections.webrtc"
LOCAL = "sidecar.connections.local"
"""What the rooms import inside of functions, which would stop the event loop if it were the first time."""

ENCODER = "sidecar.encoding.h264.x264"
LISTING = () if sys.platform == "linux" else ("sidecar.cameras.listing_libav",)
"""What is imported in threads that have a time limit: for the first picture, and for a list of cameras."""

NEEDED: dict[str, tuple[str, ...]] = {
    "get_available_cameras": LISTING,
    "request_camera_permission": LISTING,
    "start_streaming": (*LISTING, CAMERA),
    "start_camera_webrtc_session": (*LISTING, CAMERA, WEBRTC),
    "start_camera_local_session": (*LISTING, CAMERA, LOCAL, ENCODER),
    "create_peer_connection": (WEBRTC,),
    "connect_camera_to_webrtc": (*LISTING, CAMERA),
    "create_offer": (WEBRTC,),
}
"""By method. All others speak of what is there already, or of nothing that takes long."""

PRELOADED = (CAMERA, WEBRTC)
"""17 MB; the libraries that pictures need, PyAV, numpy and OpenCV, are 45 MB more and none of these imports them."""

log = logging.getLogger(__name__)

Params = TypeVar("Params")
Result = TypeVar("Result", bound=BaseModel)


async def preload() -> None:
    """Import PRELOADED. Whatever goes wrong is told again by the first request that needs it."""
    try:
        await in_thread(lambda: _import(PRELOADED), IMPORT_TIMEOUT)
    except Exception:
        log.warning("what an offer needs could not be imported", exc_info=True)


def imported_first(
    method: str, handler: Callable[[Params], Awaitable[Result]]
) -> Callable[[Params], Awaitable[Result]]:
    """`handler`, called when what `method` needs is there."""
    needed = NEEDED.get(method, ())
    if not needed:
        return handler
    is_there = False

    async def call(params: Params) -> Result:
        nonlocal is_there
        if not is_there:
            await in_thread(lambda: _import(needed), IMPORT_TIMEOUT)
            is_there = True
        return await handler(params)

    return call


def _import(names: tuple[str, ...]) -> None:
    started = time.monotonic()
    for name in names:
        importlib.import_module(name)
    log.debug("imported in %.0f ms: %s", (time.monotonic() - started) * 1000, ", ".join(names))
