"""The messages that the program sends before it has imported the models.

They are made of plain values; the tests check them against the models.
"""

from __future__ import annotations

import os
import time

from sidecar import __version__

NAME = "camera-sidecar"
PROTOCOL_VERSION = "1.0"


def ready() -> dict[str, str | int]:
    """Return the parameters of the notification `ready`."""
    return {"name": NAME, "version": __version__, "protocol_version": PROTOCOL_VERSION, "pid": os.getpid()}


def ping() -> dict[str, float]:
    """Return the result of `ping`: both clocks, in milliseconds."""
    return {"monotonic_ms": time.monotonic() * 1000, "wall_ms": time.time() * 1000}
