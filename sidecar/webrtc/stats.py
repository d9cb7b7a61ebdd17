"""The statistics of one peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from aioice import Candidate

from sidecar.contract.types import CandidateEnd, CandidatePair, CandidateType, OutboundStats
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.relay import RelayTransport

if TYPE_CHECKING:
    from sidecar.webrtc.rtp.rtp_session import RtpSession


def collect(agent: IceAgent, session: RtpSession | None) -> OutboundStats:
    """Return a snapshot. Without a receiver report the round-trip time is that of ICE's consent checks."""
    stats = session.stats() if session is not None else OutboundStats()
    stats.candidate_pair = selected_pair(agent)
    if session is not None and stats.round_trip_time_ms is None and agent.round_trip_time is not None:
        stats.round_trip_time_ms = agent.round_trip_time * 1000
    return stats


def selected_pair(agent: IceAgent) -> CandidatePair | None:
    """Return the pair in use. The `protocol` of a local relay candidate is the one to the TURN server."""
    pair = agent.selected_pair
    if pair is None:
        return None
    transport = pair.protocol.transport
    protocol = transport.protocol if isinstance(transport, RelayTransport) else "udp"
    return CandidatePair(local=_end(pair.local_candidate, protocol), remote=_end(pair.remote_candidate, "udp"))


def _end(candidate: Candidate, protocol: str) -> CandidateEnd:
    return CandidateEnd(
        type=cast(CandidateType, candidate.type),
        protocol=cast(Literal["udp", "tcp", "tls"], protocol),
        address=candidate.host,
        port=candidate.port,
    )
