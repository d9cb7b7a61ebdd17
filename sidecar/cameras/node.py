"""A device node that a library has opened: on Linux its descriptor is found, to wait on it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol


class OpenNode(Protocol):
    """Waits for a device's pictures; see readiness_linux."""

    def wait(self, timeout: float) -> bool:
        """Whether something happened within `timeout` seconds."""

    def has_more(self) -> bool:
        """Whether a picture is ready now."""

    def wake(self) -> None:
        """End wait(), now and for ever."""

    def close(self) -> None:
        """Give back what waiting took."""


class OpeningNode:
    """What was there before the library opened the device."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._before = _own_descriptors(address)
        self._mapped_before = _own_mappings(address)

    def found(self) -> OpenNode | None:
        """The descriptor that the library has opened since; None where the system has no such thing."""
        if sys.platform == "linux":
            from sidecar.cameras.linux.readiness import Readiness

            new = _own_descriptors(self._address) - self._before
            return Readiness(new.pop()) if len(new) == 1 else None
        return None

    def failed(self) -> None:
        """The library could not open the device: what it forgot to give back is given back."""
        if sys.platform == "linux":
            from sidecar.cameras.linux.mappings import unmap

            unmap(_own_mappings(self._address) - self._mapped_before)


@contextlib.contextmanager
def opening_node(address: str) -> Iterator[OpeningNode]:
    """Around the opening of a device."""
    if sys.platform == "linux":
        from sidecar.cameras.linux.listing import calling

        with calling(address):
            yield OpeningNode(address)
    else:
        yield OpeningNode(address)


def _own_descriptors(address: str) -> set[int]:
    if sys.platform == "linux":
        from sidecar.cameras.linux.holders import own_descriptors

        return set(own_descriptors(address))
    return set()


def _own_mappings(address: str) -> frozenset[tuple[int, int]]:
    if sys.platform == "linux":
        from sidecar.cameras.linux.mappings import mappings_of

        return mappings_of(address)
    return frozenset()
