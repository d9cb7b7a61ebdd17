"""Stock aiortc on the loopback interface, for viewers on the sidecar's machine."""

from __future__ import annotations

import aioice.ice


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """The addresses to gather in place of aioice's, which never include 127.0.0.1."""
    return ["127.0.0.1"]


def gather_on_loopback() -> None:
    """Make every aiortc peer of this process gather 127.0.0.1 alone; the peers then need no network."""
    aioice.ice.get_host_addresses = host_addresses
