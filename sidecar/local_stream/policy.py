"""The limits of local streams."""

from __future__ import annotations

from typing import NamedTuple


class LocalStreamPolicy(NamedTuple):
    """The limits of the server and its viewers. Times are in seconds."""

    handshake_timeout: float = 5.0
    max_pending_handshakes: int = 16
    """Sockets in the opening handshake. When another one arrives, the oldest is closed: a viewer's handshake is
    short."""

    close_timeout: float = 0.3
    """The time for a viewer to answer a close frame."""

    ping_interval: float = 5.0
    ping_timeout: float = 10.0
    max_waiting_messages: int = 16
    """Messages of one viewer that wait to be handled."""

    max_unacknowledged: int = 64
    """Pictures that the viewer has not acknowledged; with more of them, no picture is sent."""

    max_age: float = 0.5
    """The age of the oldest unacknowledged picture; when it is older, no picture is sent."""

    max_buffered: int = 256 * 1024
    """Bytes that the system has not taken from the socket; with more of them, no picture is sent. One picture may
    exceed the limit."""

    keyframe_timeout: float = 0.5
    """The time after which a keyframe is requested again."""

    stall_timeout: float = 10.0
    """The time without progress after which the viewer is disconnected. Pings do not detect this: the library's ping
    waits for room in the socket, so a viewer that acknowledges pictures without reading them would stay connected."""
