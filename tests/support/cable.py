"""Two machines on a switch, each a network namespace, and cables that can be pulled (Linux, root)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from tests.support.namespaces import NetworkNamespace, network_namespace

SIDECAR_ADDRESS, VIEWER_ADDRESS, MOVED_ADDRESS = "10.78.0.1", "10.78.0.2", "10.78.0.3"

Where = Literal["sidecar", "viewer", "middle"]
"""The pulled cable: of one machine, whose interface loses its carrier, or in the middle, without a carrier loss."""

MACHINE = """
ip link set lo up
mount --bind "$1" /etc/resolv.conf
echo ready
exec cat
"""

SWITCH = """
ip link add switch type bridge
ip link set switch up
echo ready
exec cat
"""


class Network:
    """The two machines, `sidecar` and `viewer`, with the cables between them."""

    def __init__(self, sidecar: NetworkNamespace, viewer: NetworkNamespace, switch: NetworkNamespace) -> None:
        self.sidecar = sidecar
        self.viewer = viewer
        self._switch = switch

    async def build(self) -> None:
        """Lay the cables."""
        machines = {"sidecar": (self.sidecar, SIDECAR_ADDRESS), "viewer": (self.viewer, VIEWER_ADDRESS)}
        for name, (machine, address) in machines.items():
            peer = ("peer", "name", "cable", "netns", str(machine.pid))
            await self._switch.run("ip", "link", "add", name, "type", "veth", *peer)
            await self._switch.run("ip", "link", "set", name, "master", "switch", "up")
            await machine.run("ip", "address", "add", f"{address}/24", "dev", "cable")
            await machine.run("ip", "link", "set", "cable", "up")
            # Browsers look only at interfaces that lead somewhere.
            await machine.run("ip", "route", "add", "default", "via", "10.78.0.254", "dev", "cable")

    async def pull(self, where: Where) -> None:
        """Pull a cable: no packet passes from now on."""
        if where == "middle":
            await self._switch.run("ip", "link", "set", "sidecar", "nomaster")
        else:
            await self._switch.run("ip", "link", "set", where, "down")

    async def plug(self, where: Where) -> None:
        """Plug the cable in again."""
        if where == "middle":
            await self._switch.run("ip", "link", "set", "sidecar", "master", "switch")
        else:
            await self._switch.run("ip", "link", "set", where, "up")

    async def move(self, before: str, after: str) -> None:
        """Give the sidecar's machine another address."""
        await self.sidecar.run("ip", "address", "add", f"{after}/24", "dev", "cable")
        await self.sidecar.run("ip", "address", "del", f"{before}/24", "dev", "cable")
        await self.sidecar.run("ip", "address", "replace", f"{after}/24", "dev", "cable")
        await self.sidecar.run("ip", "route", "replace", "default", "via", "10.78.0.254", "dev", "cable")


@asynccontextmanager
async def network(folder: Path) -> AsyncIterator[Network]:
    """A network that ends with the block; `folder` takes its files."""
    async with (
        network_namespace(folder, MACHINE) as sidecar,
        network_namespace(folder, MACHINE) as viewer,
        network_namespace(folder, SWITCH) as switch,
    ):
        made = Network(sidecar, viewer, switch)
        await made.build()
        yield made
