"""What the handlers work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sidecar.sessions.cameras import Cameras
from sidecar.sessions.connections import Connections
from sidecar.sessions.statistics import Statistics


@dataclass(frozen=True)
class Services:
    """The layers below, and a way to end the process."""

    cameras: Cameras
    connections: Connections
    statistics: Statistics
    shut_down: Callable[[], None]
