"""Hot-plug events: notifications of the system that a camera was plugged in or out."""

from __future__ import annotations

from sidecar.cameras.platform import DeviceEvents

__all__ = ["DeviceEvents", "device_events"]


def device_events() -> DeviceEvents | None:
    """Start to listen; None where the system sends no event that Python can receive. Raises OSError."""
    from sidecar.cameras.platforms import current_platform  # the platform's modules: not at the start

    return current_platform().device_events()
