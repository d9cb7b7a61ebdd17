"""Being told that a camera was plugged in or out, where the system tells."""

from __future__ import annotations

import sys
from typing import Protocol


class DeviceEvents(Protocol):
    """What the system tells, through a descriptor that a selector can wait for."""

    def fileno(self) -> int:
        """Readable when there is something to `take`."""

    def take(self) -> bool:
        """Whether a look at the cameras is due. Raises OSError when no more events will come."""

    def close(self) -> None:
        """Be told no more."""


def device_events() -> DeviceEvents | None:
    """From now on; None where the system tells nothing that our libraries could hear. Raises OSError."""
    if sys.platform == "linux":
        from sidecar.cameras.linux.inotify import DeviceNodeEvents

        return DeviceNodeEvents()
    return None
