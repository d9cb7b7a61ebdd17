"""A camera that delivers encoded pictures."""

from __future__ import annotations

from typing import Protocol

from sidecar.media.access_unit import AccessUnit


class AccessUnitSource(Protocol):
    """An open camera that encodes its pictures itself: one thread reads, any thread closes.

    A source with BitrateControl or KeyframeControl (video_encoder.py) follows the viewers' links and requests.
    """

    def read(self) -> AccessUnit:
        """Return the next access unit, waiting for it. Raises CameraFailedError when the camera is lost or closed."""

    def close(self) -> None:
        """Release the device. Idempotent; a read on another thread ends soon, where the system allows it."""
