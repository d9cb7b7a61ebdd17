"""The RTP sender of one viewer (RFC 3550, RFC 6184, RFC 4588): access units in, packets out, at once."""

from __future__ import annotations

import secrets
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from aiortc.rtp import RtcpByePacket, RtcpSdesPacket, RtcpSenderInfo, RtcpSourceInfo, RtcpSrPacket

from sidecar.encoding.access_unit import AccessUnit
from sidecar.encoding.meters import Percentiles, RateMeter
from sidecar.webrtc.extended_reports import ReferenceTime, delay_report
from sidecar.webrtc.sdp import Codec, ExtensionIds

CLOCK_RATE: Final = 90_000

HISTORY_SECONDS: Final = 1.0
MAX_HISTORY_FRAMES: Final = 240
"""What can be sent again: a packet that is missing for longer is of no use to a picture without delay."""

MIN_RETRANSMISSION_INTERVAL: Final = 0.01
"""Seconds, when no round-trip time is known: a second request within one is about the same packet."""

MAX_RETRANSMISSIONS: Final = 256
"""Packets sent again for one request; whoever misses more is served better by a keyframe."""

KEYFRAME_PATIENCE: Final = 0.5
"""Seconds after which a keyframe that did not come is asked for again."""

MAX_REPORTS: Final = 8
NTP_EPOCH_OFFSET: Final = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 3550, 4)."""

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_EXTENSION_BIT = 0x10
_MARKER_BIT = 0x80
_ONE_BYTE_PROFILE = 0xBEDE
_MAX_MID_LENGTH = 16


class RtpTransport(Protocol):
    """What a sender sends through."""

    def send_rtp(self, packets: Iterable[bytes]) -> bool: ...

    def send_rtcp(self, packet: bytes) -> None: ...


@dataclass(frozen=True)
class SenderParameters:
    """What was negotiated for a stream; `playout_delay` is (min, max) in milliseconds."""

    ssrc: int
    rtx_ssrc: int
    cname: str
    mid: str
    codec: Codec
    extensions: ExtensionIds
    playout_delay: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _SentFrame:
    sequence_number: int
    timestamp: int
    payloads: Sequence[bytes]
    sent_at: float
    captured_ntp: int


def ntp_time(age: float = 0.0) -> int:
    """The moment `age` seconds ago as a 64-bit NTP time stamp (RFC 3550, 4)."""
    return int((time.time() - age + NTP_EPOCH_OFFSET) * 2**32)


class RtpSender:
    """Sends one stream to one viewer.

    A viewer starts with a keyframe: units before one are left out, and one is asked for. When the network does not
    keep up, units are left out up to the next keyframe. `newest_frame` is the RTP time stamp of the last one sent and
    when it was captured (time.monotonic()).
    """

    def __init__(
        self,
        parameters: SenderParameters,
        transport: RtpTransport,
        on_keyframe_needed: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
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
        self._parameters = parameters
        self._transport = transport
        self._on_keyframe_needed = on_keyframe_needed
        self._clock = clock
        # In the lower half: a first packet that is lost cannot hide a wrap from the peer's SRTP (RFC 3711, 3.3.1).
        self._sequence_number = secrets.randbelow(1 << 15)
        self._rtx_sequence_number = secrets.randbelow(1 << 15)
        self._timestamp_offset = secrets.randbits(32)
        self._history: deque[_SentFrame] = deque(maxlen=MAX_HISTORY_FRAMES)
        self._retransmitted_at: dict[int, float] = {}
        self._reports: deque[tuple[int, float]] = deque(maxlen=MAX_REPORTS)
        self._last_unit: AccessUnit | None = None
        self._needs_keyframe = True
        self._is_overflowing = False
        self._keyframe_asked_at = clock()

    def start(self) -> None:
        """Ask for the keyframe that the viewer starts with."""
        self._ask_for_keyframe("new viewer", self._clock())

    # -- media ------------------------------------------------------------------------------------------------------

    def push(self, unit: AccessUnit) -> None:
        """Send an access unit now, or leave it out."""
        now = self._clock()
        if self._needs_keyframe and not unit.keyframe:
            self.frames_dropped += self._is_overflowing
            if now - self._keyframe_asked_at >= KEYFRAME_PATIENCE:
                self._ask_for_keyframe("no keyframe came", now)
            return
        timestamp = (unit.rtp_timestamp + self._timestamp_offset) & 0xFFFFFFFF
        captured_ntp = ntp_time(now - unit.captured_at)
        if not self._transport.send_rtp(self._packets(unit.payloads, timestamp, captured_ntp)):
            self.frames_dropped += 1
            self._needs_keyframe = self._is_overflowing = True
            self._ask_for_keyframe("the network does not keep up", now)
            return
        self._needs_keyframe = self._is_overflowing = False
        self._count(unit, timestamp, captured_ntp)

    def _packets(self, payloads: Sequence[bytes], timestamp: int, captured_ntp: int) -> list[bytes]:
        extensions_of_first, extensions = self._extensions(captured_ntp), self._extensions()
        first = [_VERSION | (_EXTENSION_BIT if block else 0) for block in (extensions_of_first, extensions)]
        payload_type, ssrc = self._parameters.codec.payload_type, self._parameters.ssrc
        number, last, pack = self._sequence_number, len(payloads) - 1, _HEADER.pack
        return [
            pack(
                first[index > 0],
                payload_type | (_MARKER_BIT if index == last else 0),
                (number + index) & 0xFFFF,
                timestamp,
                ssrc,
            )
            + (extensions if index else extensions_of_first)
            + payload
            for index, payload in enumerate(payloads)
        ]

    def _count(self, unit: AccessUnit, timestamp: int, captured_ntp: int) -> None:
        now = self._clock()
        self._history.append(_SentFrame(self._sequence_number, timestamp, unit.payloads, now, captured_ntp))
        self._sequence_number = (self._sequence_number + len(unit.payloads)) & 0xFFFF
        self._forget(now)
        size = sum(map(len, unit.payloads))
        self.packets_sent += len(unit.payloads)
        self.bytes_sent += size
        self.frames_sent += 1
        self.bitrate.add(size * 8)
        self.encoded_to_sent.add((now - unit.encoded_at) * 1000)
        self._last_unit = unit
        self.newest_frame = timestamp, unit.captured_at
        if self.first_frame_sent_at is None:
            self.first_frame_sent_at = now

    def _extensions(self, captured_ntp: int | None = None) -> bytes:
        """The header extension block of a packet sent now (RFC 8285, 4.2), empty when none was negotiated.

        A frame's first packet says when the frame was captured; what it says holds for the others, too.
        """
        ids, elements = self._parameters.extensions, b""
        mid = self._parameters.mid.encode()
        if ids.mid is not None and 0 < len(mid) <= _MAX_MID_LENGTH:
            elements += bytes((ids.mid << 4 | len(mid) - 1,)) + mid
        if ids.abs_send_time is not None:
            elements += bytes((ids.abs_send_time << 4 | 2,)) + ((ntp_time() >> 14) & 0xFFFFFF).to_bytes(3, "big")
        if ids.playout_delay is not None:
            shortest, longest = (delay // 10 for delay in self._parameters.playout_delay)
            elements += bytes((ids.playout_delay << 4 | 2,)) + (shortest << 12 | longest).to_bytes(3, "big")
        if ids.abs_capture_time is not None and captured_ntp is not None:
            # The clock that captures is the one of the sender reports: the offset between them is 0.
            elements += bytes((ids.abs_capture_time << 4 | 15,)) + struct.pack("!Qq", captured_ntp, 0)
        if not elements:
            return b""
        elements += bytes(-len(elements) % 4)
        return struct.pack("!HH", _ONE_BYTE_PROFILE, len(elements) // 4) + elements

    def _ask_for_keyframe(self, reason: str, now: float) -> None:
        self._keyframe_asked_at = now
        self._on_keyframe_needed(reason)

    # -- retransmission ---------------------------------------------------------------------------------------------

    def retransmit(self, sequence_numbers: Iterable[int]) -> None:
        """Send lost packets again, those that are still known and were not sent again just now."""
        now = self._clock()
        self._forget(now)
        pause = max(self.round_trip_time or 0.0, MIN_RETRANSMISSION_INTERVAL)
        packets = []
        for number in islice(sequence_numbers, MAX_RETRANSMISSIONS):
            if now - self._retransmitted_at.get(number, -pause) < pause:
                continue
            packet = self._find(number)
            if packet is not None:
                self._retransmitted_at[number] = now
                packets.append(packet)
        if packets and self._transport.send_rtp(packets):
            self.retransmitted_packets_sent += len(packets)
            self.bitrate.add(8 * sum(map(len, packets)))

    def _find(self, number: int) -> bytes | None:
        for frame in reversed(self._history):
            index = (number - frame.sequence_number) & 0xFFFF
            if index < len(frame.payloads):
                return self._retransmission(frame, index)
        return None

    def _retransmission(self, frame: _SentFrame, index: int) -> bytes:
        extensions = self._extensions(None if index else frame.captured_ntp)
        first = _VERSION | (_EXTENSION_BIT if extensions else 0)
        marker = _MARKER_BIT if index == len(frame.payloads) - 1 else 0
        number = (frame.sequence_number + index) & 0xFFFF
        codec, parameters = self._parameters.codec, self._parameters
        if codec.rtx_payload_type is None:
            header = _HEADER.pack(first, codec.payload_type | marker, number, frame.timestamp, parameters.ssrc)
            return header + extensions + frame.payloads[index]
        rtx_number = self._rtx_sequence_number
        self._rtx_sequence_number = (rtx_number + 1) & 0xFFFF
        header = _HEADER.pack(first, codec.rtx_payload_type | marker, rtx_number, frame.timestamp, parameters.rtx_ssrc)
        return header + extensions + struct.pack("!H", number) + frame.payloads[index]

    def _forget(self, now: float) -> None:
        while self._history and now - self._history[0].sent_at > HISTORY_SECONDS:
            self._history.popleft()
        if self._retransmitted_at:
            kept = {n: at for n, at in self._retransmitted_at.items() if now - at <= HISTORY_SECONDS}
            self._retransmitted_at = kept

    # -- reports ----------------------------------------------------------------------------------------------------

    def send_report(self) -> None:
        """Send a sender report (RFC 3550, 6.4.1), once something was sent."""
        unit = self._last_unit
        if unit is None:
            return
        now, ntp = self._clock(), ntp_time()
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

    def on_report_echoed(self, last_report: int, delay: int) -> None:
        """A receiver report answers a sender report: take the round-trip time from it (RFC 3550, 6.4.1).

        `last_report` is LSR, `delay` is DLSR in units of 1/65536 s.
        """
        sent_at = next((at for middle, at in self._reports if middle == last_report), None)
        if sent_at is not None:
            self.round_trip_time = max(self._clock() - sent_at - delay / 65536, 0.0)

    def answer_reference_time(self, asked: ReferenceTime) -> None:
        """The viewer sent its clock: send it back at once, so that it learns the round-trip time (RFC 3611, 4.5)."""
        self._transport.send_rtcp(delay_report(self._parameters.ssrc, asked))

    def send_bye(self) -> None:
        """Say that the stream ends (RFC 3550, 6.6)."""
        self._transport.send_rtcp(bytes(RtcpByePacket(sources=[self._parameters.ssrc])))
