"""The settings of all ICE agents of a connection."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecar.contract.types import IceServer
from sidecar.webrtc.ice.policy import IcePolicy
from sidecar.webrtc.ice.servers import Server, parse_ice_servers
from sidecar.webrtc.ice.sockets import SocketBudget


@dataclass(frozen=True, eq=False)
class AgentSettings:
    """The STUN and TURN servers of the page, the limits of the app, and the sockets of the process.

    `tls` replaces the rules by which the certificates of `turns:` servers are verified.
    """

    servers: tuple[Server, ...] = ()
    policy: IcePolicy = field(default_factory=IcePolicy)
    sockets: SocketBudget = field(default_factory=SocketBudget)
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(
        cls,
        servers: Sequence[IceServer],
        policy: IcePolicy | None,
        sockets: SocketBudget | None,
        tls: ssl.SSLContext | None,
    ) -> AgentSettings:
        """Return the settings for a page's servers. Raises as parse_ice_servers."""
        policy = policy or IcePolicy()
        return cls(tuple(parse_ice_servers(servers, policy)), policy, sockets or SocketBudget(), tls)
