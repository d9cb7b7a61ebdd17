"""ICE candidates between the contract's form (W3C RTCIceCandidateInit, RFC 8839) and aioice's."""

from __future__ import annotations

import ipaddress
import re

from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority

from sidecar.contract.types import IceCandidate

COMPONENT = 1
"""The one component, which RTP and RTCP share (RFC 5761); candidates of other components are ignored."""

_UFRAG = re.compile(r" ufrag (?P<ufrag>\S+)")


class LocalCandidate(Candidate):
    """A local candidate. On the loopback interface it is paired only with addresses of this machine."""

    machine_addresses: frozenset[str] = frozenset()

    def can_pair_with(self, other: Candidate) -> bool:
        """Return whether a check between the two can succeed (RFC 8445, 6.1.2.2)."""
        remote = other._network_host
        if is_loopback(self.host) and not is_loopback(remote) and remote not in self.machine_addresses:
            return False
        return super().can_pair_with(other)


def is_loopback(address: str) -> bool:
    """Return whether an IP address is one of the loopback interface; False for a name."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def local_candidate(
    kind: str, address: tuple[str, int], *, base: str, preference: int, related: tuple[str, int] | None = None
) -> LocalCandidate:
    """Return a local UDP candidate; `preference` is the local preference of RFC 8445, 5.1.2.1."""
    return LocalCandidate(
        foundation=candidate_foundation(kind, "udp", base),
        component=COMPONENT,
        transport="udp",
        priority=candidate_priority(COMPONENT, kind, preference),
        host=address[0],
        port=address[1],
        type=kind,
        related_address=related[0] if related else None,
        related_port=related[1] if related else None,
    )


def to_contract(candidate: Candidate, *, mid: str | None, index: int, username_fragment: str) -> IceCandidate:
    """Return a candidate in the form of a browser's `icecandidate` event."""
    line = f"candidate:{candidate.to_sdp()} ufrag {username_fragment}"
    return IceCandidate(candidate=line, sdpMid=mid, sdpMLineIndex=index, usernameFragment=username_fragment)


def username_fragment_of(candidate: IceCandidate) -> str | None:
    """Return the user name fragment of a remote candidate, from its member or its line; None without one."""
    if candidate.usernameFragment is not None:
        return candidate.usernameFragment
    match = _UFRAG.search(candidate.candidate)
    return match["ufrag"] if match is not None else None
