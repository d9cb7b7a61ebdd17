"""The RTP sender of one viewer (RFC 3550, RFC 6184, RFC 4588): access units in, packets out, at once or paced."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from aiortc.rtp import RtcpByePacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket

from sidecar.media.access_unit import AccessUnit
from sidecar.media.meters import Percentiles, RateMeter
from sidecar.webrtc.rtp.bandwidth import MAX_BITRATE
from sidecar.webrtc.rtp.delivery import DeliveryMeter
from sidecar.webrtc.rtp.extended_reports import ReferenceTime, delay_report
from sidecar.webrtc.rtp.history import History
from sidecar.webrtc.rtp.pacer import Pacer
from sidecar.webrtc.rtp.packetiser import SHARED, Packetiser
from sidecar.webrtc.rtp.packets import PacketWriter, SenderParameters, SentFrame, ntp_time
from sidecar.webrtc.rtp.playout import Playout
from sidecar.webrtc.rtp.transport import RtpTransport, Schedule, Timer, on_the_loop

CLOCK_RATE: Final = 90_000

MAX_RETRANSMISSIONS: Final = 256
"""Packets sent again for one request, or waiting for it; whoever misses more is served better by a keyframe."""

RETRANSMITTED_SHARE: Final = 0.5
"""Of the bitrate aimed at, over a second: more would push out what is new, and be lost in its turn."""

KEYFRAME_PATIENCE: Final = 0.5
"""Seconds after which a keyframe that did not come is asked for again."""

MAX_WAITING: Final = 0.4
"""Seconds that what waits may take to leave: a picture that comes later is not worth it."""

TIMER_STEP: Final = 0.005
"""Seconds between two looks at what may leave; some packets then leave together."""

MAX_DRAIN: Final = 0.3
"""Seconds at most in which a queue in the network may drain before the keyframe that follows a collapse."""

KEYFRAME_LEAD: Final = 0.04
"""Seconds that a keyframe takes from the request to its first packet: the next frame has to come, and be encoded."""

SETTLE_SECONDS: Final = 1.0

MAX_REPORTS: Final = 8


class _Waiting:
    """A frame some or all of whose packets are still to leave."""

    __slots__ = ("frame", "index", "payloads", "timestamp", "unit")

    def __init__(self, unit: AccessUnit, payloads: Sequence[bytes], timestamp: int) -> None:
        self.unit = unit
        self.payloads = payloads
        self.timestamp = timestamp
        self.frame: SentFrame | None = None  # from its first packet on
        self.index = 0


class RtpSender:
    """Sends one stream to one viewer.

    A viewer starts with a keyframe: units before one are left out, and one is asked for. When the network does not
    keep up, units are left out up to the next keyframe. `bitrate_aimed_at` (bits per second) is what packets are paced
    by; those sent again leave first. `newest_frame` is the RTP time stamp of the last one sent and when it was captured
    (time.monotonic()).
    """

    def __init__(
        self,
        parameters: SenderParameters,
        transport: RtpTransport,
        on_keyframe_needed: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        schedule: Schedule = on_the_loop,
        wall: Callable[[], float] = time.time,
        packetiser: Packetiser = SHARED,
    ) -> None:
        """`clock` is monotonic; `wall` gives the seconds since 1970, the clock that the viewer is told."""
        self.bitrate_aimed_at: int | None = None
        self.packets_sent = 0
        self.bytes_sent = 0
        self.frames_sent = 0
        self.frames_dropped = 0
        self.retransmitted_packets_sent = 0
        self.first_frame_sent_at: float | None = None
        self.newest_frame: tuple[int, float] | None = None
        self.round_trip_time: float | None = None
        self.encoded_to_sent = Percentiles(clock=clock)
        self.bitrate = RateMeter(clock=clock)
        self.delivery = DeliveryMeter(clock)
        self._retransmitted = RateMeter(clock=clock)
        self._parameters = parameters
        self._packetiser = packetiser
        self._writer = PacketWriter(parameters, wall)
        self._transport = transport
        self._on_keyframe_needed = on_keyframe_needed
        self._clock = clock
        self._wall = wall
        self._schedule = schedule
        self._timer: Timer | None = None
        self._pacer = Pacer()
        self._playout = Playout(parameters.playout_delay)
        self._history = History()
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._again: deque[tuple[SentFrame, int]] = deque()
        # In the lower half: see PacketWriter.
        self._sequence_number = secrets.randbelow(1 << 15)
        self._timestamp_offset = secrets.randbits(32)
        self._last_timestamp: int | None = None
        self._reports: deque[tuple[int, float]] = deque(maxlen=MAX_REPORTS)
        self._last_unit: AccessUnit | None = None
        self._needs_keyframe = True
        self._is_overflowing = False
        self._keyframe_asked_at = clock()
        self._draining_until = clock()
        self._shortest_round_trip: float | None = None

    def start(self) -> None:
        """Ask for the keyframe that the viewer starts with."""
        self._ask_for_keyframe("new viewer", self._clock())

    def interrupt(self) -> None:
        """The viewer is out of reach: what comes is left out, and it goes on with a keyframe, maybe on another path."""
        self._history.clear()
        self.delivery.forget_path()
        self._needs_keyframe = True
        self._shortest_round_trip = None
        self._draining_until = self._clock()
        self._stop()

    def close(self) -> None:
        """Send nothing more, but say that the stream ends (RFC 3550, 6.6)."""
        self._stop()
        self._transport.send_rtcp(bytes(RtcpByePacket(sources=[self._parameters.ssrc])))

    # -- media ------------------------------------------------------------------------------------------------------

    def push(self, unit: AccessUnit) -> None:
        """Send an access unit now or soon, or leave it out."""
        now = self._clock()
        if now < self._draining_until:
            self.frames_dropped += 1
            return
        if self._needs_keyframe and not unit.keyframe:
            self.frames_dropped += self._is_overflowing
            if now - self._keyframe_asked_at >= KEYFRAME_PATIENCE:
                self._ask_for_keyframe("no keyframe came", now)
            return
        self._pacer.bitrate = None if self._transport.is_local else self.bitrate_aimed_at
        if self._pacer.seconds(self._waiting_bytes) > MAX_WAITING:
            self._overflow(now)
            if not unit.keyframe:
                self.frames_dropped += 1
                return
        self._needs_keyframe = self._is_overflowing = False
        payloads = self._packetiser.payloads(unit)
        self._waiting.append(_Waiting(unit, payloads, self._timestamp(unit)))
        self._waiting_bytes += sum(map(len, payloads))
        self._release()

    def start_over(self, drain: float) -> None:
        """Most of what was sent is lost: give it up and go on with a keyframe, when a queue has drained.

        `drain` is in seconds. That packets were lost is known only now, so the queue that they were lost from has been
        full until now, and what is in it takes as long to arrive as this news took.
        """
        self._drop_waiting()
        self._history.clear()
        self._needs_keyframe = self._is_overflowing = True
        self._draining_until = self._clock() + MAX_DRAIN
        self.drain_for(drain)

    @property
    def is_draining(self) -> bool:
        """Whether nothing is sent until the network's queue has drained."""
        return self._clock() < self._draining_until

    def drain_for(self, seconds: float) -> None:
        """The queue will have drained in so many seconds: go on then, but not later than was decided before."""
        now = self._clock()
        self._draining_until = min(now + max(seconds - KEYFRAME_LEAD, 0.0), self._draining_until)
        self._keyframe_asked_at = self._draining_until
        self._set_timer(self._draining_until - now)

    def queue_before(self, packet_number: int) -> float:
        """Seconds that news of this packet, which come now, took longer than a round trip; 0 when that is not known."""
        now = self._clock()
        sent_at = self._history.sent_at((self._sequence_number - self.packets_sent + packet_number) & 0xFFFF)
        if sent_at is None or self._shortest_round_trip is None:
            return 0.0
        return max(now - sent_at - self._shortest_round_trip, 0.0)

    @property
    def is_settling(self) -> bool:
        """Whether the stream began, or began anew, so shortly ago that what is missing tells of that.

        A browser may have its keys a moment later than we, and does not see the first packets.
        """
        first = self.first_frame_sent_at
        return first is None or self._clock() - max(first, self._draining_until) < SETTLE_SECONDS

    def packet_number(self, sequence_number: int) -> int:
        """Which packet, counted from the first one sent, was the last to have this sequence number."""
        return self.packets_sent - ((self._sequence_number - sequence_number) & 0xFFFF)

    def _timestamp(self, unit: AccessUnit) -> int:
        """The RTP time stamp; later than the one before even where another encoder's picture is as old as that."""
        timestamp = (unit.rtp_timestamp + self._timestamp_offset) & 0xFFFFFFFF
        last = self._last_timestamp
        if last is not None and not 0 < (timestamp - last) & 0xFFFFFFFF < 1 << 31:
            timestamp = (last + 1) & 0xFFFFFFFF
        self._last_timestamp = timestamp
        return timestamp

    def _overflow(self, now: float) -> None:
        self.frames_dropped += self._drop_waiting()
        self._needs_keyframe = self._is_overflowing = True
        self._ask_for_keyframe("the network does not keep up", now)

    def _stop(self) -> None:
        """Throw away what waits to be sent."""
        self._drop_waiting()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop_waiting(self) -> int:
        dropped = len(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._again.clear()
        return dropped

    def _ask_for_keyframe(self, reason: str, now: float) -> None:
        self._keyframe_asked_at = now
        self._on_keyframe_needed(reason)

    # -- packets ----------------------------------------------------------------------------------------------------

    def _release(self) -> None:
        """Send what may leave now; a timer sends the rest."""
        now = self._clock()
        if not self._transport.send_rtp(self._leaving(now)):
            self._overflow(now)
        elif (self._waiting or self._again) and self._timer is None:
            self._set_timer(max(self._pacer.delay(now), TIMER_STEP))

    def _set_timer(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._schedule(delay, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._needs_keyframe and not self._waiting:
            self._ask_for_keyframe("most packets were lost", self._clock())
        self._release()

    def _leaving(self, now: float) -> Iterator[bytes]:
        """The packets that may leave, taken from the queues one by one; those sent again first."""
        extensions = self._writer.extensions()
        while self._again and self._pacer.delay(now) <= 0:
            frame, index = self._again.popleft()
            own = extensions if index else self._writer.extensions(frame.captured_ntp)
            packet = self._writer.retransmission(frame, index, own)
            self._account(packet, now)
            self.retransmitted_packets_sent += 1
            self._retransmitted.add(8 * len(packet))
            yield packet
        while self._waiting and self._pacer.delay(now) <= 0:
            waiting = self._waiting[0]
            frame = waiting.frame or self._begin(waiting, now)
            own = extensions if waiting.index else self._writer.extensions(frame.captured_ntp)
            packet = self._writer.packet(frame, waiting.index, own)
            self._account(packet, now)
            waiting.index += 1
            self._sequence_number = (self._sequence_number + 1) & 0xFFFF
            self._count_packet(len(frame.payloads[waiting.index - 1]))
            if waiting.index == len(frame.payloads):
                self._waiting.popleft()
                self._count_frame(waiting.unit, waiting.timestamp)
            yield packet

    def _begin(self, waiting: _Waiting, now: float) -> SentFrame:
        unit = waiting.unit
        frame = SentFrame(
            self._sequence_number,
            waiting.timestamp,
            waiting.payloads,
            now,
            ntp_time(now - unit.captured_at, self._wall),
        )
        waiting.frame = frame
        self._history.add(frame)
        return frame

    def _account(self, packet: bytes, now: float) -> None:
        self.delivery.sent(self._writer.transport_number, len(packet), now)
        self._pacer.sent(len(packet), now)
        self.bitrate.add(8 * len(packet))

    def _count_packet(self, size: int) -> None:
        self._waiting_bytes -= size
        self.packets_sent += 1
        self.bytes_sent += size

    def _count_frame(self, unit: AccessUnit, timestamp: int) -> None:
        now = self._clock()
        self.frames_sent += 1
        self.encoded_to_sent.add((now - unit.encoded_at) * 1000)
        self._last_unit = unit
        self.newest_frame = timestamp, unit.captured_at
        if self.first_frame_sent_at is None:
            self.first_frame_sent_at = now

    # -- retransmission ---------------------------------------------------------------------------------------------

    def retransmit(self, sequence_numbers: Iterable[int]) -> bool:
        """Send lost packets again, those that are still known and were not sent again just now.

        False when they are too many, and none is sent: after an outage a keyframe is there sooner.
        """
        now = self._clock()
        wanted = islice(sequence_numbers, MAX_RETRANSMISSIONS - len(self._again))
        found = [known for known in (self._history.find(number, now) for number in wanted) if known is not None]
        bits = 8 * sum(len(frame.payloads[index]) for frame, index in found)
        if self._retransmitted.rate() + bits > RETRANSMITTED_SHARE * (self.bitrate_aimed_at or MAX_BITRATE):
            return False
        self._again += found
        if self._again:
            self._release()
        return True

    # -- reports ----------------------------------------------------------------------------------------------------

    def send_report(self) -> None:
        """Send a sender report (RFC 3550, 6.4.1), once something was sent."""
        unit = self._last_unit
        if unit is None:
            return
        now, ntp = self._clock(), ntp_time(wall=self._wall)
        since_capture = round((now - unit.captured_at) * CLOCK_RATE)
        info = RtcpSenderInfo(
            ntp_timestamp=ntp,
            rtp_timestamp=(unit.rtp_timestamp + self._timestamp_offset + since_capture) & 0xFFFFFFFF,
            packet_count=self.packets_sent & 0xFFFFFFFF,
            octet_count=self.bytes_sent & 0xFFFFFFFF,
        )
        self._reports.append(((ntp >> 16) & 0xFFFFFFFF, now))
        source = RtcpSourceInfo(ssrc=self._parameters.ssrc, items=[(1, self._parameters.cname.encode())])
        report = RtcpSrPacket(ssrc=self._parameters.ssrc, sender_info=info)
        self._transport.send_rtcp(bytes(report) + bytes(RtcpSdesPacket(chunks=[source])))

    def on_report_echoed(self, last_report: int, delay: int) -> float | None:
        """A receiver report answers a sender report: the round-trip time (RFC 3550, 6.4.1), None for an old report.

        `last_report` is LSR, `delay` is DLSR in units of 1/65536 s.
        """
        sent_at = next((at for middle, at in self._reports if middle == last_report), None)
        if sent_at is None:
            return None
        round_trip_time = max(self._clock() - sent_at - delay / 65536, 0.0)
        self.round_trip_time = self._history.round_trip_time = round_trip_time
        self._shortest_round_trip = min(self._shortest_round_trip or round_trip_time, round_trip_time)
        return round_trip_time

    def on_queue_told(self, seconds: float) -> None:
        """Packets wait so long in the network, and so do those that are sent again."""
        self._history.queue = seconds

    def on_loss_reported(self, loss: float) -> None:
        """A receiver report: the part of the packets that was lost (0 to 1)."""
        now = self._clock()
        self._playout.on_report(loss, self._shortest_round_trip or 0.0, now)
        self._writer.playout_delay = self._playout.value(now)

    def answer_reference_time(self, asked: ReferenceTime) -> None:
        """The viewer sent its clock: send it back at once, so that it learns the round-trip time (RFC 3611, 4.5)."""
        self._transport.send_rtcp(delay_report(self._parameters.ssrc, asked))
