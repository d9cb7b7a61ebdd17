"""The limits of streams and sessions."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.streams.keyframes import KeyframePolicy


class StreamPolicy(NamedTuple):
    """How many cameras and sessions there may be, and the limits of each stream."""

    max_cameras: int = 16
    max_sessions: int = 256
    remembered: int = 1024
    """Ended sessions whose ids are still answered as ended rather than unknown."""

    stop_timeout: float = 1.0
    """The seconds that an encoder thread may take to end before it is abandoned."""

    keyframes: KeyframePolicy = KeyframePolicy()
