"""RTP payloads of access units, cut once for all viewers, and the datagram size that limits them."""

from __future__ import annotations

from collections import deque
from typing import Final

from sidecar.media.access_unit import AccessUnit

MAX_DATAGRAM: Final = 1200
"""The largest UDP payload, in bytes. With the headers of IPv6 and UDP, 48 bytes, a datagram fits the smallest MTU that
IPv6 allows, 1280 bytes (RFC 8200, 5), with room for a tunnel's header; WebRTC and QUIC keep to the same size."""

RELAY_HEADER: Final = 4
"""ChannelData of TURN (RFC 8656, 12.4), in bytes. Send indications, whose 36 bytes would be more, are not in use; over
UDP there is no padding, and over TCP the size of a datagram does not matter."""

SRTP_TAG: Final = 16
"""The authentication tag of AES-GCM (RFC 7714), in bytes; that of HMAC-SHA1 has 10 (RFC 3711). No MKI is in use."""

RTP_HEADER: Final = 12
"""The RTP header without contributing sources (RFC 3550, 5.1), in bytes."""

RTP_EXTENSIONS: Final = 52
"""The block of header extensions at its longest (RFC 8285, 4.2): a header of 4, then mid 1 + 16, transport-wide number
1 + 2, abs-send-time 1 + 3, playout-delay 1 + 3, abs-capture-time 1 + 16, padded to a multiple of 4. Payloads are cut
once for all viewers, so the longest block that can be negotiated counts."""

RTX_NUMBER: Final = 2
"""The original sequence number in a retransmission (RFC 4588, 4), in bytes."""

MAX_PAYLOAD: Final = MAX_DATAGRAM - RELAY_HEADER - SRTP_TAG - RTP_HEADER - RTP_EXTENSIONS - RTX_NUMBER

REMEMBERED: Final = 4
"""Access units whose payloads are remembered. A picture reaches all its viewers before the next picture, so one would
do; the others cost a few hundred kilobytes and allow a viewer to lag behind."""


class Packetiser:
    """Cuts access units into RTP payloads; viewers of the same unit share one cut. Not thread-safe."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._recent: deque[tuple[AccessUnit, tuple[bytes, ...]]] = deque(maxlen=remembered)

    def payloads(self, unit: AccessUnit) -> tuple[bytes, ...]:
        """Return the RTP payloads of an access unit, each at most MAX_PAYLOAD bytes long."""
        for known, payloads in reversed(self._recent):
            if known is unit:
                return payloads
        payloads = unit.codec.packetise(unit.nal_units, MAX_PAYLOAD)
        self._recent.append((unit, payloads))
        return payloads


SHARED: Final = Packetiser()
"""The packetiser of all senders of the process; they run on the same event loop."""
