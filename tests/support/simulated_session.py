"""An encoder, an RTP session, a network and a viewer on a simulated clock: seconds are over in a moment.

The RTP session is the real one. The network has one queue that drops packets beyond its length; the viewer reports
arrivals and missing packets as browsers do.
"""

from __future__ import annotations

import heapq
import itertools
import random
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
)

from sidecar.webrtc.rtp.packets import SenderParameters
from sidecar.webrtc.rtp.rtp_session import RtpSession
from sidecar.webrtc.sdp import TRANSPORT_NUMBER_URI, CodecParameters, ExtensionIds
from tests.support.access_units import unit_of_payloads
from tests.support.peers import RecordingSubscription

SSRC, RTX_SSRC, VIEWER_SSRC = 1, 2, 3
FPS = 30
KEYFRAME_SECONDS = 0.16
PAYLOAD = 1200
IP_AND_UDP = 28 + 16
REPORT_EVERY, RECEIVER_REPORT_EVERY = 0.0625, 0.2
MAX_ASKED = 10
"""A viewer that has asked for a packet so often asks for a keyframe instead, as libwebrtc does."""


@dataclass
class Network:
    """One direction: a link of `bits_per_second` with a queue of `queue` seconds, then a delay, all in seconds."""

    bits_per_second: float
    queue: float = 0.2
    delay: float = 0.001
    jitter: float = 0.0
    loss: float = 0.0
    random: random.Random = field(default_factory=lambda: random.Random(1))
    busy_until: float = 0.0
    last_arrival: float = 0.0

    def carry(self, size: int, now: float) -> float | None:
        """When a packet arrives; None when it is dropped."""
        begins = max(self.busy_until, now)
        if begins - now > self.queue or self.random.random() < self.loss:
            return None
        self.busy_until = begins + 8 * (size + IP_AND_UDP) / self.bits_per_second
        arrival = self.busy_until + self.delay + self.random.uniform(0, self.jitter)
        self.last_arrival = max(self.last_arrival, arrival)
        return self.last_arrival


class Timer:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class SimulatedSession:
    """`network` may be changed at any time. `shown` has the time of each picture and how old it was."""

    is_local = False

    def __init__(self, network: Network, *, wanted: int = 2_500_000, most: int = 4_000_000) -> None:
        self.now = 1000.0
        self.network = network
        self.shown: list[tuple[float, float]] = []
        self.aims: list[tuple[float, int]] = []
        self.aimed_at, self._most = wanted, most
        self._events: list[tuple[float, int, Callable[[], None], Timer]] = []
        self._order = itertools.count()
        self._random = random.Random(2)
        self._wants_keyframe = False
        parameters = SenderParameters(SSRC, RTX_SSRC, "camera", "0", CodecParameters(), ExtensionIds(), (0, 0))
        self.subscription = RecordingSubscription(self._want_keyframe)
        self._rtp = RtpSession(parameters, self, self, clock=self.clock, schedule=self._schedule)
        self._viewer = Viewer(self)
        self._aim(wanted)
        self._rtp.start()
        self._schedule(0.0, self._encode)
        self._schedule(REPORT_EVERY, self._report_arrivals)
        self._schedule(RECEIVER_REPORT_EVERY, self._report)
        self._schedule(0.5, self._send_report)

    def clock(self) -> float:
        return self.now

    def run(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            self.now, _, call, timer = heapq.heappop(self._events)
            if not timer.cancelled:
                call()
        self.now = until

    def longest_freeze(self, since: float) -> float:
        """Seconds that one picture stood longest, from `since` to now."""
        times = [since, *(at for at, _ in self.shown if at >= since), self.now]
        return max(after - before for before, after in itertools.pairwise(times))

    def ages(self, since: float) -> list[float]:
        """How old the pictures were when they were shown, from `since` on, sorted."""
        return sorted(age for at, age in self.shown if at >= since)

    def send_rtp(self, packets: Iterable[bytes]) -> bool:
        for packet in packets:
            arrival = self.network.carry(len(packet), self.now)
            if arrival is not None:
                self._schedule(arrival - self.now, lambda packet=packet: self._viewer.take(packet))  # type: ignore[misc]
        return True

    def send_rtcp(self, packet: bytes) -> None:
        arrival = self.network.carry(len(packet), self.now)
        if arrival is not None:
            self._schedule(arrival - self.now, lambda: self._viewer.take_report(packet))

    def answer(self, packet: bytes) -> None:
        """Deliver the viewer's RTCP; the path back has no queue."""
        self._schedule(self.network.delay, lambda: self._rtp.receive(packet))

    def on_shown(self, timestamp: int) -> None:
        """Record a picture that the viewer shows now, by its RTP time stamp."""
        newest = self._rtp.sender.frames.newest
        assert newest is not None
        sent_timestamp, captured_at = newest
        age = self.now - captured_at + ((sent_timestamp - timestamp) & 0xFFFFFFFF) / 90_000
        self.shown.append((self.now, age))

    def request_keyframe(self, reason: str) -> None:
        self._want_keyframe()

    def _want_keyframe(self) -> None:
        self._wants_keyframe = True

    def report_capacity(self, bps: int) -> None:
        self._aim(min(bps, self._most))

    def _aim(self, bitrate: int) -> None:
        self.aimed_at = bitrate
        self.aims.append((self.now, bitrate))

    def _schedule(self, delay: float, call: Callable[[], None]) -> Timer:
        timer = Timer()
        heapq.heappush(self._events, (self.now + max(delay, 0.0), next(self._order), call, timer))
        return timer

    def _encode(self) -> None:
        keyframe, self._wants_keyframe = self._wants_keyframe, False
        seconds = KEYFRAME_SECONDS if keyframe else self._random.uniform(0.7, 1.3) / FPS
        size = int(self.aimed_at * seconds / 8 * 0.95)
        kind = b"\x65" if keyframe else b"\x41"
        payloads = tuple(kind * min(PAYLOAD, size - start) for start in range(0, size, PAYLOAD))
        unit = unit_of_payloads(*payloads, keyframe=keyframe, at=self.now, target_bitrate=self.aimed_at)
        self._schedule(0.005, lambda: self._rtp.push(unit))
        self._schedule(1 / FPS, self._encode)

    def _send_report(self) -> None:
        self._rtp.send_report()
        self._schedule(0.5, self._send_report)

    def _report_arrivals(self) -> None:
        self._viewer.report_arrivals()
        self._schedule(REPORT_EVERY, self._report_arrivals)

    def _report(self) -> None:
        self._viewer.report()
        self._schedule(RECEIVER_REPORT_EVERY, self._report)


class Viewer:
    """Shows each picture all of which is there, in order, or from a keyframe on."""

    def __init__(self, session: SimulatedSession) -> None:
        self._session = session
        extensions = HeaderExtensionsMap()
        ids = ExtensionIds()
        number = RTCRtpHeaderExtensionParameters(id=ids.transport_number or 0, uri=TRANSPORT_NUMBER_URI)
        extensions.configure(RTCRtpParameters(headerExtensions=[number]))
        self._extensions = extensions
        self._packets: dict[int, RtpPacket] = {}
        self._next: int | None = None
        self._highest = 0
        self._arrived: dict[int, float] = {}
        self._told_to: int | None = None
        self._asked_at: dict[int, float] = {}
        self._asked: Counter[int] = Counter()
        self._report_of: tuple[int, float] | None = None
        self._received = self._expected_before = self._received_before = 0

    def take(self, data: bytes) -> None:
        packet = RtpPacket.parse(data, self._extensions)
        now = self._session.now
        number = packet.extensions.transport_sequence_number
        assert number is not None
        self._arrived[number] = now
        if packet.ssrc == RTX_SSRC:
            packet.sequence_number = struct.unpack("!H", packet.payload[:2])[0]
            packet.payload = packet.payload[2:]
        else:
            self._received += 1
            self._highest = max(self._highest, packet.sequence_number)
        self._packets[packet.sequence_number] = packet
        self._show()
        self._ask()

    def take_report(self, data: bytes) -> None:
        for packet in RtcpPacket.parse(data):
            if isinstance(packet, RtcpSrPacket):
                self._report_of = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF, self._session.now

    def _show(self) -> None:
        while (frame := self._next_frame()) is not None:
            self._next = frame[-1].sequence_number + 1
            self._asked.clear()
            self._session.on_shown(frame[-1].timestamp)
            for number in [number for number in self._packets if number < self._next]:
                del self._packets[number]

    def _next_frame(self) -> list[RtpPacket] | None:
        starts = [self._next] if self._next is not None else []
        first_of_keyframes = (
            number
            for number, packet in sorted(self._packets.items(), reverse=True)
            if packet.payload[0] == 0x65 and self._is_first(number)
        )
        for start in itertools.chain(starts, first_of_keyframes):
            frame = self._frame_from(start)
            if frame is not None:
                return frame
        return None

    def _is_first(self, number: int) -> bool:
        before = self._packets.get(number - 1)
        return before is None or before.marker == 1

    def _frame_from(self, start: int) -> list[RtpPacket] | None:
        frame: list[RtpPacket] = []
        for number in itertools.count(start):
            packet = self._packets.get(number)
            if packet is None or (frame and packet.timestamp != frame[0].timestamp):
                return None
            frame.append(packet)
            if packet.marker:
                return frame
        return None

    def _ask(self) -> None:
        """Every packet missed is asked for again each round trip."""
        if self._next is None:
            return
        now, session = self._session.now, self._session
        again = max(0.02, 2 * session.network.delay)
        missing = [
            number
            for number in range(self._next, self._highest)
            if number not in self._packets and now - self._asked_at.get(number, -1.0) > again
        ]
        if missing:
            self._asked_at.update(dict.fromkeys(missing, now))
            self._asked.update(missing)
            if max(self._asked.values()) >= MAX_ASKED:
                self._asked.clear()
                session.answer(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=VIEWER_SSRC, media_ssrc=SSRC)))
            nack = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=VIEWER_SSRC, media_ssrc=SSRC, lost=missing[-100:])
            session.answer(bytes(nack))

    def report_arrivals(self) -> None:
        if not self._arrived:
            return
        first = min(self._arrived) if self._told_to is None else min(self._told_to, min(self._arrived))
        told = [self._arrived.get(number) for number in range(first, max(self._arrived) + 1)]
        self._told_to = max(self._arrived) + 1
        self._arrived.clear()
        self._session.answer(arrival_report(first, told))

    def report(self) -> None:
        if self._report_of is None or self._next is None:
            return
        expected = self._highest
        lost = max((expected - self._expected_before) - (self._received - self._received_before), 0)
        fraction = lost / max(expected - self._expected_before, 1) if self._expected_before else 0.0
        self._expected_before, self._received_before = expected, self._received
        middle, at = self._report_of
        info = RtcpReceiverInfo(
            ssrc=SSRC,
            fraction_lost=min(int(256 * fraction), 255),
            packets_lost=0,
            highest_sequence=self._highest,
            jitter=0,
            lsr=middle,
            dlsr=int((self._session.now - at) * 65536),
        )
        self._session.answer(bytes(RtcpRrPacket(ssrc=VIEWER_SSRC, reports=[info])))


def arrival_report(first: int, told: list[float | None]) -> bytes:
    """Transport-wide feedback about the packets from `first` on: when each arrived, in seconds; None: it did not."""
    times = [at for at in told if at is not None]
    reference = int(times[0] / 0.064)
    at = reference * 0.064
    symbols, deltas = [], b""
    for time in told:
        if time is None:
            symbols.append(0)
            continue
        ticks = round((time - at) / 0.00025)
        at += ticks * 0.00025
        symbols.append(1 if 0 <= ticks < 256 else 2)
        deltas += struct.pack("!B", ticks) if 0 <= ticks < 256 else struct.pack("!h", ticks)
    chunks = b""
    for start in range(0, len(symbols), 7):
        seven = (symbols[start : start + 7] + [0] * 7)[:7]
        chunks += struct.pack("!H", 0xC000 | sum(symbol << (12 - 2 * i) for i, symbol in enumerate(seven)))
    body = struct.pack("!IIHH", VIEWER_SSRC, SSRC, first & 0xFFFF, len(told)) + struct.pack("!I", reference << 8)
    body += chunks + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    return struct.pack("!BBH", 0x8F | (0x20 if padding else 0), 205, len(body) // 4) + body
