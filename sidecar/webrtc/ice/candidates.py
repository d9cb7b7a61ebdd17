"""ICE candidates between the contract's form (W3C RTCIceCandidateInit, RFC 8839) and aioice's."""

from __future__ import annotations

import ipaddress
import re

from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority

from sidecar.contract.errors import InvalidCandidateError
from sidecar.contract.types import IceCandidate

COMPONENT = 1
"""RTP and RTCP share one component (RFC 5761); candidates of another one are of no use."""

CANDIDATE_TYPES = ("host", "srflx", "prflx", "relay")

_GRAMMAR = re.compile(
    r"(?:a=)?candidate:(?P<foundation>[A-Za-z0-9+/]{1,32}) (?P<component>[0-9]{1,3}) (?P<transport>[!-~]{1,32}) "
    r"(?P<priority>[0-9]{1,10}) (?P<address>[!-~]{1,255}) (?P<port>[0-9]{1,5}) typ (?P<type>[!-~]{1,32})"
    r"(?P<extensions>(?: [!-~]+)*)"
)

_UFRAG = re.compile(r" ufrag (?P<ufrag>\S+)")

MAX_LENGTH = 1024
"""Characters of a candidate line. A host name has 255 at most, and browsers' lines have some 200."""

MAX_PORT = 65535
MAX_PRIORITY = 2**32 - 1
"""The greatest that fits the attribute of a check (RFC 8445, 16.1); aioice keeps to no limit of its own."""


class LocalCandidate(Candidate):
    """A candidate of ours. A loopback one is paired only with addresses of this machine."""

    machine_addresses: frozenset[str] = frozenset()

    def can_pair_with(self, other: Candidate) -> bool:
        """Whether a check between the two makes sense (RFC 8445, 6.1.2.2)."""
        remote = other._network_host
        if is_loopback(self.host) and not is_loopback(remote) and remote not in self.machine_addresses:
            return False
        return super().can_pair_with(other)


def is_loopback(address: str) -> bool:
    """Whether an IP address (not a name) is one of the loopback interface."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def local_candidate(
    kind: str, address: tuple[str, int], *, base: str, preference: int, related: tuple[str, int] | None = None
) -> LocalCandidate:
    """A UDP candidate of ours; `preference` is the local preference of RFC 8445, 5.1.2.1."""
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
    """A candidate as the `icecandidate` event of a browser would give it."""
    line = f"candidate:{candidate.to_sdp()} ufrag {username_fragment}"
    return IceCandidate(candidate=line, sdpMid=mid, sdpMLineIndex=index, usernameFragment=username_fragment)


def username_fragment_of(candidate: IceCandidate) -> str | None:
    """The generation that a remote candidate belongs to, if it tells: a browser's own member, or in the line."""
    if candidate.usernameFragment is not None:
        return candidate.usernameFragment
    match = _UFRAG.search(candidate.candidate)
    return match["ufrag"] if match is not None else None


def parse_candidate(line: str) -> Candidate:
    """Return a remote candidate.

    Raises InvalidCandidateError when the line is longer than MAX_LENGTH or not as the grammar of RFC 8839, 5.1 says.
    """
    match = _GRAMMAR.fullmatch(line.strip(" \r\n")) if len(line) <= MAX_LENGTH else None
    if (
        match is None
        or int(match["port"]) > MAX_PORT
        or int(match["priority"]) > MAX_PRIORITY
        or match["type"] not in CANDIDATE_TYPES
    ):
        raise InvalidCandidateError("the candidate cannot be read")
    return Candidate(
        foundation=match["foundation"],
        component=int(match["component"]),
        transport=match["transport"],
        priority=int(match["priority"]),
        host=match["address"],
        port=int(match["port"]),
        type=match["type"],
    )
