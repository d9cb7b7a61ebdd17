"""Which networks this machine is on, so that one that comes back is noticed."""

from __future__ import annotations

from pathlib import Path

from sidecar.webrtc.ice.gathering import host_addresses

INTERFACES = Path("/sys/class/net")
"""Linux tells here of each interface whether it has a carrier. Other systems take the addresses of one without away."""

OPERATIONAL = ("up", "unknown")
"""RFC 2863, ifOperStatus; `unknown` is what drivers say that cannot tell."""


def networks() -> frozenset[str]:
    """The addresses of this machine, and on Linux the names of the interfaces that have a carrier.

    There are none when the system does not tell.
    """
    try:
        addresses = [address for address, _ in host_addresses()]
    except OSError:  # no descriptor is left for asking
        return frozenset()
    return frozenset((*addresses, *_operational_interfaces()))


def _operational_interfaces() -> list[str]:
    found = []
    for state in INTERFACES.glob("*/operstate"):
        try:
            if state.read_text("ascii").strip() in OPERATIONAL:
                found.append(state.parent.name)
        except OSError:
            continue  # it went while we looked
    return found
