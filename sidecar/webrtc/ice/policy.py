"""The app's limits for ICE: the peers and the ICE servers that a page may let it connect to, and its intervals.

The command line is parsed with this module before the program sends `ready`, so it imports very little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from sidecar.webrtc.ice.server_addresses import ServerAddress, ServerPattern

Peers = Literal["any", "local"]


class IceTimings(NamedTuple):
    """The intervals and limits of ICE, in seconds."""

    consent_interval: float = 1.0
    """Seconds between two consent checks of a connected peer (RFC 7675); a response also gives the round-trip time."""

    server_timeout: float = 10.0
    """Seconds that a STUN or TURN server has to answer. Only the end of the candidates waits for them. A server that
    gives no candidate takes all of them: how soon it refused would tell a page which ports of a network are open."""


class IcePolicy(NamedTuple):
    """The limits that the app sets for ICE.

    With `peers` "local" ICE connects only to addresses of this machine. `servers` are the patterns of the ICE servers
    that may be used; without patterns, peers "any" allows every server and "local" allows none.
    """

    peers: Peers = "any"
    servers: tuple[ServerPattern, ...] = ()
    timings: IceTimings = IceTimings()

    @property
    def is_local(self) -> bool:
        """Whether ICE connects only to addresses of this machine."""
        return self.peers == "local"

    def allows(self, server: ServerAddress) -> bool:
        """Return whether an ICE server may be used."""
        if not self.servers:
            return not self.is_local
        return any(pattern.matches(server) for pattern in self.servers)
