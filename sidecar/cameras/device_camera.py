"""The base class of the cameras of the backends pyav and opencv."""

from __future__ import annotations

from abc import abstractmethod

from sidecar.cameras.camera import GuardedCamera
from sidecar.cameras.device import Device
from sidecar.cameras.node import OpenNode
from sidecar.media.frame import Frame

STALL_TIMEOUT = 5.0
"""Seconds without a frame after which a camera counts as lost; far longer than an exposure in the dark."""

MAX_SKIPPED = 32
"""Old frames that one read drops when newer frames wait in the driver's queue, which mostly holds 32 at most."""


class DeviceCamera(GuardedCamera):
    """A camera of the system. The first frame, which proves that the camera works, is kept for the first read."""

    def __init__(self, device: Device, node: OpenNode | None) -> None:
        super().__init__()
        self._device = device
        self._node = node
        self._first: Frame | None = None

    def read_first(self) -> None:
        """Wait for the first frame and keep it for `read`; close the camera when no frame arrives."""
        try:
            self._first = self._wait_for_first()
        except BaseException:
            self.close()
            raise

    def _next_frame(self) -> Frame:
        first, self._first = self._first, None
        return first or self._wait_for_next()

    def _wake(self) -> None:
        if self._node is not None:
            self._node.wake()

    def _release(self) -> None:
        if self._node is not None:
            self._node.close()
        self._first = None
        self._close_library()

    @abstractmethod
    def _wait_for_first(self) -> Frame:
        """Return the first frame of a camera that has just been opened. Raises CameraFailedError."""

    @abstractmethod
    def _wait_for_next(self) -> Frame:
        """Return any later frame. Raises CameraFailedError."""

    @abstractmethod
    def _close_library(self) -> None:
        """Let the library release the device."""
