"""One RTP stream to one viewer: its sequence numbers, time stamps and packets (RFC 3550, RFC 6184, RFC 4588)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence

from sidecar.congestion.reports import MissingPackets
from sidecar.contract.types import OutboundStats
from sidecar.media.access_unit import AccessUnit
from sidecar.webrtc.rtp.history import History
from sidecar.webrtc.rtp.packets import PacketWriter, SenderParameters, SentFrame, ntp_time


class RtpStream:
    """Writes packets in order, and retransmissions of lost packets.

    Sequence numbers are assigned when packets leave, so dropped frames make no gap. Time stamps never go back, even
    when the first picture of another encoder is older.
    """

    def __init__(
        self,
        parameters: SenderParameters,
        history: History,
        counters: OutboundStats,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`history` keeps sent frames, `counters` counts packets; `wall` gives the seconds since 1970."""
        self.writer = PacketWriter(parameters, wall)
        self.history = history
        self.counters = counters
        self._wall = wall
        # In the lower half: see PacketWriter.
        self._next_number = secrets.randbelow(1 << 15)
        self._timestamp_offset = secrets.randbits(32)
        self._last_timestamp: int | None = None

    def timestamp(self, rtp_timestamp: int) -> int:
        """Return the stream's time stamp for that of an access unit, at 90 kHz with a random offset."""
        return (rtp_timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def next_timestamp(self, unit: AccessUnit) -> int:
        """Return the time stamp of the next frame, which is later than the last one's."""
        timestamp = self.timestamp(unit.rtp_timestamp)
        last = self._last_timestamp
        if last is not None and not 0 < (timestamp - last) & 0xFFFFFFFF < 1 << 31:
            timestamp = (last + 1) & 0xFFFFFFFF
        self._last_timestamp = timestamp
        return timestamp

    def begin(self, payloads: Sequence[bytes], timestamp: int, captured_at: float, now: float) -> SentFrame:
        """Return a frame that begins to leave now, and remember it for retransmissions."""
        captured_ntp = ntp_time(now - captured_at, self._wall)
        frame = SentFrame(self._next_number, timestamp, payloads, now, captured_ntp)
        self.history.add(frame)
        return frame

    def packet(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """Return the packet of a frame's next payload."""
        self._next_number = (self._next_number + 1) & 0xFFFF
        counters = self.counters
        counters.packets_sent += 1
        counters.bytes_sent += len(frame.payloads[index])
        return self.writer.packet(frame, index, extensions)

    def retransmission(self, frame: SentFrame, index: int, extensions: bytes) -> bytes:
        """Return the packet of a payload again."""
        self.counters.retransmitted_packets_sent += 1
        return self.writer.retransmission(frame, index, extensions)

    def missing(self, sequence_numbers: Iterable[int]) -> MissingPackets:
        """Return the packets that last had these sequence numbers, counted from the first one sent."""
        following, sent = self._next_number, self.counters.packets_sent
        numbers = [sent - ((following - number) & 0xFFFF) for number in sequence_numbers]
        newest = max(numbers, default=sent)
        return MissingPackets(numbers, sent, self.history.sent_at((following - sent + newest) & 0xFFFF))
