"""The intervals and limits of a peer, in one object that a caller may replace."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.webrtc.liveness import POLL_INTERVAL


class PeerPolicy(NamedTuple):
    """The intervals and limits of one peer, in seconds; IceTimings has the intervals of ICE."""

    connect_timeout: float = 15.0
    """From both descriptions to the end of the DTLS handshake; browsers fail after as long."""

    poll_interval: float = POLL_INTERVAL
    """Between two polls of the peer's signs of life; every other poll sends a sender report."""

    history_seconds: float = 1.0
    """The shortest time for which sent packets can be retransmitted; a packet that has been missing for longer is too
    late for a live picture."""
