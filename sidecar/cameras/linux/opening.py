"""The descriptors and mappings that a library adds while it opens a V4L2 device."""

from __future__ import annotations

import sys

from sidecar.cameras.linux import holders, mappings, readiness
from sidecar.cameras.node import OpeningNode, OpenNode

assert sys.platform == "linux"


class V4l2Opening(OpeningNode):
    """Compares this process's descriptors and mappings of a device with those from before the opening."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._descriptors_before = holders.own_descriptors(address)
        self._mappings_before = mappings.mappings_of(address)

    def found(self) -> OpenNode | None:
        new = holders.own_descriptors(self._address) - self._descriptors_before
        return readiness.Readiness(next(iter(new))) if len(new) == 1 else None

    def failed(self) -> None:
        mappings.unmap(mappings.mappings_of(self._address) - self._mappings_before)
