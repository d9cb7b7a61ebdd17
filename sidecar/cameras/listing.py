"""The system's cameras, whatever the system."""

from __future__ import annotations

import sys

from sidecar.cameras.device import Device


def list_cameras() -> tuple[Device, ...]:
    """Every camera of the system, always in the same order; blocks for some milliseconds."""
    if sys.platform == "linux":
        from sidecar.cameras import listing_linux

        return listing_linux.list_cameras()
    from sidecar.cameras import listing_libav

    return listing_libav.list_cameras()


def fingerprint() -> object:
    """Differs when a camera came or went; cheap enough to ask every second."""
    if sys.platform == "linux":
        from sidecar.cameras import listing_linux

        return listing_linux.fingerprint()
    from sidecar.cameras import listing_libav

    return listing_libav.fingerprint()
