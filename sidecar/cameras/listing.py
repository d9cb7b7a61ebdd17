"""The system's cameras, whatever the system."""

from __future__ import annotations

import sys

from sidecar.cameras.device import Device


def list_cameras(*, asks_formats: bool = True) -> tuple[Device, ...]:
    """Every camera of the system, always in the same order; blocks for some milliseconds.

    With `asks_formats` false those whose formats are not known yet are listed without; where it makes a difference.
    """
    if sys.platform == "linux":
        from sidecar.cameras.linux import listing as listing_linux

        return listing_linux.list_cameras(asks_formats=asks_formats)
    from sidecar.cameras import listing_libav

    return listing_libav.list_cameras()


def fingerprint() -> object:
    """Differs when a camera came or went; cheap enough to ask every second."""
    if sys.platform == "linux":
        from sidecar.cameras.linux import listing as listing_linux

        return listing_linux.fingerprint()
    from sidecar.cameras import listing_libav

    return listing_libav.fingerprint()
