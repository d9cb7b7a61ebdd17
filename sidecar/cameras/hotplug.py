"""Hot-plug events: notifications of the system that a camera was plugged in or out."""

from __future__ import annotations

from typing import Protocol


class DeviceEvents(Protocol):
    """Hot-plug events of the system, through a descriptor that a selector can wait for."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when `take` has an event."""

    def take(self) -> bool:
        """Return whether the cameras must be listed again. Raises OSError when no more events will come."""

    def close(self) -> None:
        """Stop listening and close the descriptor."""


def device_events() -> DeviceEvents | None:
    """Start to listen; None where the system sends no event that Python can receive. Raises OSError."""
    from sidecar.cameras.platforms import current_platform  # the platform's modules: not at the start

    return current_platform().device_events()
