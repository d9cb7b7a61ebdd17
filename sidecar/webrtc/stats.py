"""The statistics of one connection, as far as WebRTC knows them."""

from __future__ import annotations

import time
from typing import Literal, cast

from aioice import Candidate

from sidecar.contract.types import CandidateEnd, CandidatePair, CandidateType, FrameTime, Latency, OutboundStats
from sidecar.webrtc.ice.agent import IceAgent
from sidecar.webrtc.ice.relay import RelayTransport
from sidecar.webrtc.rtp.bandwidth import BandwidthEstimator
from sidecar.webrtc.rtp.feedback import Feedback
from sidecar.webrtc.rtp.sender import RtpSender


def collect(
    agent: IceAgent, sender: RtpSender | None, feedback: Feedback | None, estimator: BandwidthEstimator
) -> OutboundStats:
    """Read all counters now."""
    if sender is None or feedback is None:
        return OutboundStats(candidate_pair=selected_pair(agent))
    round_trip_time = agent.round_trip_time if sender.round_trip_time is None else sender.round_trip_time
    return OutboundStats(
        candidate_pair=selected_pair(agent),
        round_trip_time_ms=_milliseconds(round_trip_time),
        packets_sent=sender.packets_sent,
        bytes_sent=sender.bytes_sent,
        frames_sent=sender.frames_sent,
        frames_dropped=sender.frames_dropped,
        packets_lost=feedback.packets_lost,
        fraction_lost=feedback.fraction_lost,
        jitter_ms=_milliseconds(feedback.jitter),
        nack_count=feedback.nack_count,
        pli_count=feedback.pli_count,
        fir_count=feedback.fir_count,
        retransmitted_packets_sent=sender.retransmitted_packets_sent,
        available_bitrate=estimator.receiver_estimate or estimator.estimate,
        link_bitrate=estimator.estimate,
        encoded_to_sent_ms=Latency(
            p50=sender.encoded_to_sent.percentile(50), p95=sender.encoded_to_sent.percentile(95)
        ),
        newest_frame=_frame_time(*sender.newest_frame) if sender.newest_frame is not None else None,
    )


def selected_pair(agent: IceAgent) -> CandidatePair | None:
    """The pair in use. `protocol` of a relay of ours is that between us and the TURN server."""
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


def _frame_time(rtp_timestamp: int, captured_at: float) -> FrameTime:
    wall = time.time() - (time.monotonic() - captured_at)
    return FrameTime(rtp_timestamp=rtp_timestamp, captured_wall_ms=wall * 1000)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
