"""The intervals and limits of a peer, in one object that a caller may replace."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.webrtc.liveness import LOOK_INTERVAL


class PeerPolicy(NamedTuple):
    """The intervals and limits of one peer, in seconds; IceTimings has the intervals of ICE."""

    connect_timeout: float = 15.0
    """From both descriptions to the end of the DTLS handshake; browsers fail after as long."""

    look_interval: float = LOOK_INTERVAL
    """Between two looks at the peer's signs of life; every other one sends a sender report."""

    history_seconds: float = 1.0
    """How long sent packets can be retransmitted at least: one that has been missing for longer is too late for a live
    picture."""
