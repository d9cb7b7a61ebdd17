"""Where ICE may connect to, and which ICE servers may be asked: the app's decision, not the page's.

The command line is read with it before the program says that it is ready: it imports next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from sidecar.webrtc.ice.server_addresses import ServerAddress, ServerPattern

Peers = Literal["any", "local"]


class IcePolicy(NamedTuple):
    """What a page may make ICE do.

    With `peers` "local" only addresses of this machine are connected to. `servers` are the patterns of the ICE servers
    that may be asked; without any, all of them may with peers "any", and none with "local".
    """

    peers: Peers = "any"
    servers: tuple[ServerPattern, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this machine's own addresses are connected to."""
        return self.peers == "local"

    def allows(self, server: ServerAddress) -> bool:
        """Whether an ICE server may be asked."""
        if not self.servers:
            return not self.is_local
        return any(pattern.matches(server) for pattern in self.servers)
