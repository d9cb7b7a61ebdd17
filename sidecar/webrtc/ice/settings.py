"""What all ICE agents of a connection have in common."""

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
    """The servers to ask, what the app allows, and the sockets there are.

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
        """Return those of a page's servers. Raises as parse_ice_servers."""
        policy = policy or IcePolicy()
        return cls(tuple(parse_ice_servers(servers, policy)), policy, sockets or SocketBudget(), tls)
