"""The network of a viewer's process, which can be lost for a while or lose paths for good."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

from aioice.ice import StunProtocol


class Network:
    """A filter between all ICE agents of the process and their sockets."""

    def __init__(self) -> None:
        self.is_there = True
        self._dead: WeakSet[StunProtocol] = WeakSet()

    def install(self) -> None:
        """Replace the methods with which aioice sends and receives."""
        for name in ("datagram_received", "send_stun"):
            setattr(StunProtocol, name, self._through(getattr(StunProtocol, name)))
        send_data = StunProtocol.send_data

        async def send(protocol: StunProtocol, data: bytes, addr: tuple[str, int]) -> None:
            if self._carries(protocol):
                await send_data(protocol, data, addr)

        setattr(StunProtocol, send_data.__name__, send)

    def give_up(self, sockets: Iterable[StunProtocol]) -> None:
        """Drop all packets of these sockets from now on."""
        self._dead.update(sockets)

    def _carries(self, protocol: StunProtocol) -> bool:
        return self.is_there and protocol not in self._dead

    def _through(self, method: Any) -> Any:
        def passed(protocol: StunProtocol, *arguments: Any) -> None:
            if self._carries(protocol):
                method(protocol, *arguments)

        return passed
