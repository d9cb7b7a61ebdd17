"""The IP addresses of this machine and of servers, as ICE uses them (RFC 8445, 5.1.1)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from collections.abc import Container

from aioice.ice import get_host_addresses

from sidecar.webrtc.ice.candidates import is_loopback

HIGHEST_PREFERENCE = 65535
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")

LOOPBACK_REACHES_ALL = sys.platform == "linux"
"""Whether a socket that is bound to another address of the machine reaches a socket of the loopback interface. Linux
delivers such datagrams, Windows refuses them, and on macOS it is not relied upon."""


def is_own_address(address: str, machine: Container[str]) -> bool:
    """Return whether an IP address belongs to this machine, whose addresses are `machine`."""
    return is_loopback(address) or address in machine


def host_addresses() -> list[tuple[str, int]]:
    """Return this machine's addresses, each with its local preference (RFC 8445, 5.1.2.1), best first.

    The loopback addresses come last although most viewers are on the same machine. Every address of the machine leads
    to such a viewer equally fast, and the viewer's own checks to 127.0.0.1 are answered in any order. A viewer on
    another machine would have to wait for the checks to its own loopback interface. Offline the machine has no other
    address.
    """
    routed = get_host_addresses(use_ipv4=True, use_ipv6=True)
    # Docker's bridge and other virtual interfaces stay: a viewer in a container or a virtual machine needs them.
    unique = dict.fromkeys(address for address in routed if not is_loopback(address))
    preferred = [(address, HIGHEST_PREFERENCE - index) for index, address in enumerate(unique)]
    return preferred + [(address, len(LOOPBACK_ADDRESSES) - i) for i, address in enumerate(LOOPBACK_ADDRESSES)]


def base_addresses(
    addresses: list[tuple[str, int]], *, is_local: bool, loopback_reaches_all: bool = LOOPBACK_REACHES_ALL
) -> list[tuple[str, int]]:
    """Return the addresses of this machine on which sockets are opened.

    For peers on this machine only (`is_local`) the loopback interface is enough where it reaches all of them. No
    datagram from outside reaches a socket there.
    """
    if is_local and loopback_reaches_all:
        return [(address, preference) for address, preference in addresses if is_loopback(address)]
    return addresses


def is_ip_address(host: str) -> bool:
    """Return whether a host is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_unicast(host: str, port: int) -> bool:
    """Return whether a check can be sent to a port of `host`, an IP address, and reaches one machine at most."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return port > 0 and not address.is_multicast and not address.is_unspecified


def can_reach(base: str, server: str) -> bool:
    """Return whether a socket that is bound to `base` can send to `server`; both are IP addresses."""
    if ipaddress.ip_address(base).version != ipaddress.ip_address(server).version:
        return False
    return not is_loopback(base) or is_loopback(server)


async def resolve(host: str, port: int) -> list[str]:
    """Return a server's IP addresses, at most one of each version: each of them gets a request of its own.

    Raises OSError for an unknown name and ValueError for a name that no resolver accepts.
    """
    if is_ip_address(host):
        return [host]  # without a thread
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    first: dict[int, str] = {}
    for family, _, _, _, address in found:
        first.setdefault(family, str(address[0]))
    return list(first.values())
