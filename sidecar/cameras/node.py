"""A device node that a library has opened. Where the system allows it, the sidecar waits for its frames."""

from __future__ import annotations

from typing import Protocol


class OpenNode(Protocol):
    """Waits until a device has a frame. linux/readiness.py implements it."""

    def wait(self, timeout: float) -> bool:
        """Return whether an event arrived within `timeout` seconds: a frame, an error or `wake`."""

    def has_more(self) -> bool:
        """Return whether a frame is ready now."""

    def wake(self) -> None:
        """End the present `wait` and all later ones at once."""

    def close(self) -> None:
        """Release the descriptors that waiting needs."""


class OpeningNode:
    """A device while a library opens it. On a system without device nodes there is no descriptor to wait on."""

    def found(self) -> OpenNode | None:
        """Return the node that the library has opened; None when it cannot be found."""
        return None

    def failed(self) -> None:
        """Release resources that the library leaks when it cannot open the device."""
        return
