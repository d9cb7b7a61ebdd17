"""The networks of this machine, for the detection of a new or returning network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sidecar.webrtc.ice.addresses import host_addresses

INTERFACES = Path("/sys/class/net")
"""The folder in which Linux shows the carrier of each interface. Other systems remove the addresses of an interface
that has lost its carrier."""

OPERATIONAL = ("up", "unknown")
"""ifOperStatus of RFC 2863; drivers that cannot detect a carrier report `unknown`."""

NetworkQuery = Callable[[], frozenset[str]]
"""A function that returns the networks of this machine: `networks`, or a replacement of it."""


def networks(
    addresses: Callable[[], list[tuple[str, int]]] = host_addresses, interfaces: Path = INTERFACES
) -> frozenset[str]:
    """Return the addresses of this machine, and on Linux the names of the interfaces that have a carrier.

    The result is empty when the system does not answer.
    """
    try:
        found = [address for address, _ in addresses()]
    except OSError:  # no descriptor is left for the question
        return frozenset()
    return frozenset((*found, *_operational_interfaces(interfaces)))


def _operational_interfaces(interfaces: Path) -> list[str]:
    found = []
    for state in interfaces.glob("*/operstate"):
        try:
            if state.read_text("ascii").strip() in OPERATIONAL:
                found.append(state.parent.name)
        except OSError:
            continue  # the interface was removed meanwhile
    return found
