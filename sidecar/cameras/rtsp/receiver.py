"""The RTP reception of one stream: the sender's packets in order, and receiver reports (RFC 3550)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from sidecar.cameras.rtsp.description import VideoDescription
from sidecar.cameras.rtsp.reordering import ReorderBuffer
from sidecar.cameras.rtsp.rtp import Reception, RtpPacket, parse_rtcp, parse_rtp


class Receiver:
    """Takes RTP and RTCP packets as they arrive. Times are in seconds of any one clock.

    `reorders` is true for UDP, which may change the order of packets. A sender with a new SSRC has restarted (RFC 3550,
    section 8).
    """

    def __init__(self, description: VideoDescription, own_ssrc: int, *, reorders: bool) -> None:
        self._description = description
        self._own_ssrc = own_ssrc
        self._ssrc: int | None = None
        self._reception: Reception | None = None
        self._reorders = reorders
        self._order = ReorderBuffer()
        self._ready: deque[RtpPacket] = deque()
        self.has_ended = False

    @property
    def has_packets(self) -> bool:
        """Whether `take` would yield a packet."""
        return bool(self._ready)

    def take(self) -> Iterator[RtpPacket]:
        """Yield the packets that are in order."""
        while self._ready:
            yield self._ready.popleft()

    def rtp(self, data: bytes, now: float) -> None:
        """Take an RTP packet. Bytes that are not an RTP packet, and packets of other streams, are dropped."""
        packet = parse_rtp(data)
        if packet is None or packet.payload_type in self._description.others:
            return
        if self._reception is None or packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._reception = Reception(packet.ssrc, self._own_ssrc, self._description.clock_rate)
            self._order = ReorderBuffer()
        self._reception.received(packet, now)
        if self._reorders:
            self._ready.extend(self._order.push(packet, now))
        else:
            self._ready.append(packet)

    def rtcp(self, data: bytes, now: float) -> None:
        """Take a compound RTCP packet; a BYE sets `has_ended`."""
        news = parse_rtcp(data, self._ssrc)
        self.has_ended = self.has_ended or news.has_left
        if news.report_time is not None and self._reception is not None:
            self._reception.reported(news.report_time, now)

    def expire(self, now: float) -> None:
        """Give up packets that have been missing for LONGEST_WAIT."""
        self._ready.extend(self._order.expired(now))

    def deadline(self) -> float:
        """Return the time at which `expire` must be called; infinity while no packet waits."""
        deadline = self._order.deadline()
        return float("inf") if deadline is None else deadline

    def report(self, now: float) -> bytes | None:
        """Return a receiver report; None before the first packet."""
        return self._reception.report(now) if self._reception is not None else None
