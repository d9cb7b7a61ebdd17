"""The calls that differ between operating systems, as one class that each platform derives from."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from sidecar.cameras.device import Device, RequestedFormat
from sidecar.cameras.node import OpeningNode
from sidecar.contract.types import PermissionStatus

if TYPE_CHECKING:
    from av.container import InputContainer

Permission = tuple[PermissionStatus, str | None]
"""The system's permission status, and a hint when it is not "granted"."""


class Holder(NamedTuple):
    """A process that has a device open: its name as the system shows it, and its process id."""

    name: str
    pid: int


class DeviceEvents(Protocol):
    """Hot-plug events of the system, through a descriptor that a selector can wait for."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when `take` has an event."""

    def take(self) -> bool:
        """Return whether the cameras must be listed again. Raises OSError when there will be no more events."""

    def close(self) -> None:
        """Stop listening and close the descriptor."""


class Platform(ABC):
    """The cameras of one operating system. Every method may block for some milliseconds, and `request_access` for as
    long as its limit; thread-safe."""

    permission_hint: ClassVar[str | None] = None
    """How to allow this program to use a camera that the system forbids."""

    @abstractmethod
    def list_cameras(self, *, asks_formats: bool = True) -> tuple[Device, ...]:
        """Return every camera of the system, always in the same order.

        Without `asks_formats` a camera whose formats are not known yet is listed without formats, where querying them
        takes long.
        """

    @abstractmethod
    def fingerprint(self) -> object:
        """Return a value that changes when a camera is plugged in or out; cheap enough for every second."""

    @abstractmethod
    def permission(self, cameras: Sequence[Device]) -> Permission:
        """Return whether the system lets this process use the cameras. Never asks the user."""

    def request_access(self, cameras: Sequence[Device], limit: float) -> Permission:
        """Ask the user for a permission that is not determined, and return it after `limit` seconds at most.

        Where the system asks nobody, this is `permission`.
        """
        return self.permission(cameras)

    @abstractmethod
    def open_input(self, device: Device, requested: RequestedFormat) -> InputContainer:
        """Open a camera with libavdevice at the format nearest to `requested`. Raises av.FFmpegError."""

    def device_events(self) -> DeviceEvents | None:
        """Start to listen to hot-plug events; None where the system sends no event that Python can receive.

        Raises OSError.
        """
        return None

    def opening_node(self, address: str) -> contextlib.AbstractContextManager[OpeningNode]:
        """Return a context manager for the time in which a library opens the device at `address`."""
        return contextlib.nullcontext(OpeningNode())

    def device_errno(self, address: str) -> int | None:
        """Return the error number with which the device answers now; None when it works, or cannot be asked."""
        return None

    def holder_of(self, address: str) -> Holder | None:
        """Return another process that has the device open, where the system names it."""
        return None
