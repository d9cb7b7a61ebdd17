"""The objects that handlers work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sidecar.cameras.drivers import Drivers
from sidecar.connections.connections import Connections
from sidecar.statistics.collection import Statistics
from sidecar.streams.sessions import Sessions


@dataclass(frozen=True)
class Services:
    """The rooms below the commands, and functions of the process.

    `shut_down` ends it; `bytes_unsent` returns how much the client has not read yet.
    """

    drivers: Drivers
    sessions: Sessions
    connections: Connections
    statistics: Statistics
    shut_down: Callable[[], None]
    bytes_unsent: Callable[[], int]
