"""The limits of connections."""

from __future__ import annotations

from typing import NamedTuple

from sidecar.connections.recovery import RecoveryPolicy
from sidecar.local_stream.policy import LocalStreamPolicy
from sidecar.webrtc.policy import PeerPolicy


class ConnectionPolicy(NamedTuple):
    """How many connections there may be, and how long they wait, in seconds."""

    max_connections: int = 64
    remembered: int = 1024
    """Closed connections whose ids are still answered as closed rather than unknown."""

    answer_timeout: float = 60.0
    """The time that a WebRTC connection waits for the viewer's description while it holds a camera: a page that
    crashed never answers."""

    local_timeout: float = 15.0
    """The time that the address of a local stream waits for its viewer while it holds a camera."""

    first_keyframe_timeout: float = 10.0
    """The time that an open camera may take to deliver the keyframe that describes a local stream."""

    network_interval: float = 0.25
    """The time between two polls of the network interfaces while a viewer is lost."""

    recovery: RecoveryPolicy = RecoveryPolicy()
    local_stream: LocalStreamPolicy = LocalStreamPolicy()
    peer: PeerPolicy = PeerPolicy()
